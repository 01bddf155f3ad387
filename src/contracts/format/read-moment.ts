import type { DateStep } from './date-pattern.ts';
import { isAt, type Output } from './output.ts';

type FlatStep = Exclude<DateStep, { step: 'optional' }>;
type NumberField = Extract<DateStep, { step: 'number' }>['field'];

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
/** Years of two digits begin here: 69 is 1969, 68 is 2068, as POSIX has it for `%y`. */
const SHORT_YEARS_FROM = 69;
const [PLUS, MINUS, POINT, COLON, ZERO, NINE, T, Z] = [43, 45, 46, 58, 48, 57, 84, 90];
const LOWER = 32;

/** A pattern as the sequences without optional parts that it stands for, longest first. */
export function alternativesOf(steps: readonly DateStep[]): readonly (readonly FlatStep[])[] {
  let all: readonly (readonly FlatStep[])[] = [[]];
  for (const each of steps) {
    const inner = each.step === 'optional' ? alternativesOf(each.steps) : [[each]];
    const longer = all.flatMap((before) => inner.map((after) => [...before, ...after]));
    all = each.step === 'optional' ? [...longer, ...all] : longer;
  }
  return all;
}

/** Reads a moment by a pattern, and writes it as ISO 8601. Whether such a day exists is for the check to say. */
export class MomentReader {
  readonly #alternatives: readonly (readonly FlatStep[])[];
  readonly #isDay: boolean;
  /** Where the cell that is read ends. */
  #end = 0;
  readonly #numbers: Record<NumberField, number> = {
    ...{ year: 0, shortYear: 0, month: 0, day: 0 },
    ...{ hour: 0, halfHour: 0, minute: 0, second: 0, fraction: 0 },
  };
  #fractionDigits = 0;
  #isAfternoon = false;
  /** Minutes east of UTC; undefined without a zone. */
  #zone: number | undefined;
  #hasTime = false;

  /** `isDay`: a moment without a time is written as a day, and not as its midnight. */
  constructor(patterns: readonly (readonly DateStep[])[], { isDay }: { readonly isDay: boolean }) {
    this.#alternatives = patterns.flatMap(alternativesOf);
    this.#isDay = isDay;
  }

  /** Reads all of a cell; false when it fits no pattern. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.#end = end;
    for (const steps of this.#alternatives) if (this.#fits(steps, bytes, start)) return true;
    return false;
  }

  #fits(steps: readonly FlatStep[], bytes: Uint8Array, start: number): boolean {
    const numbers = this.#numbers;
    numbers.hour = numbers.halfHour = numbers.minute = numbers.second = numbers.fraction = this.#fractionDigits = 0;
    numbers.shortYear = -1;
    this.#zone = undefined;
    this.#isAfternoon = this.#hasTime = false;
    let at = start;
    for (const step of steps) {
      at = this.#step(step, bytes, at);
      if (at < 0) return false;
    }
    return at === this.#end && this.#isWithin();
  }

  /** Where the step ends; -1 where it is not met. */
  #step(step: FlatStep, bytes: Uint8Array, start: number): number {
    switch (step.step) {
      case 'number':
        return this.#number(step, bytes, start);
      case 'text': {
        const after = start + step.bytes.length;
        return after <= this.#end && isAt(bytes, start, step.bytes) ? after : -1;
      }
      case 'month':
        return this.#month(step.isLong, bytes, start);
      case 'half': {
        const first = bytes[start] ?? 0;
        const second = bytes[start + 1] ?? 0;
        this.#isAfternoon = (first | LOWER) === 112;
        return start + 2 <= this.#end && (this.#isAfternoon || (first | LOWER) === 97) && (second | LOWER) === 109
          ? start + 2
          : -1;
      }
      case 'zone':
        return this.#zoneAt(bytes, start);
      default:
        return step satisfies never;
    }
  }

  #number({ field, min, max }: Extract<FlatStep, { step: 'number' }>, bytes: Uint8Array, start: number): number {
    const limit = Math.min(this.#end, start + max);
    let value = 0;
    let at = start;
    for (; at < limit; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + byte - ZERO;
    }
    if (at - start < min) return -1;
    this.#numbers[field] = value;
    if (field === 'fraction') this.#fractionDigits = at - start;
    if (field === 'hour' || field === 'halfHour') this.#hasTime = true;
    return at;
  }

  #month(isLong: boolean, bytes: Uint8Array, start: number): number {
    for (const [index, name] of MONTHS.entries()) {
      const length = isLong ? name.length : 3;
      if (start + length > this.#end) continue;
      let same = 0;
      while (same < length && ((bytes[start + same] ?? 0) | LOWER) === name.charCodeAt(same)) same++;
      if (same < length) continue;
      this.#numbers.month = index + 1;
      return start + length;
    }
    return -1;
  }

  /** `Z`, or an offset of hours, or of hours and minutes. */
  #zoneAt(bytes: Uint8Array, start: number): number {
    const sign = bytes[start];
    const end = this.#end;
    if (start < end && sign === Z) {
      this.#zone = 0;
      return start + 1;
    }
    if (sign !== PLUS && sign !== MINUS) return -1;
    const two = (at: number): number => {
      const [tens = 0, ones = 0] = [bytes[at], bytes[at + 1]];
      const isNumber = at + 2 <= end && tens >= ZERO && tens <= NINE && ones >= ZERO && ones <= NINE;
      return isNumber ? (tens - ZERO) * 10 + ones - ZERO : -1;
    };
    const hours = two(start + 1);
    if (hours < 0) return -1;
    const hasColon = start + 3 < end && bytes[start + 3] === COLON;
    const minutesAt = hasColon ? start + 4 : start + 3;
    const minutes = two(minutesAt);
    const isWhole = minutes < 0 && !hasColon;
    if (!isWhole && (minutes < 0 || minutes > 59)) return -1;
    this.#zone = (sign === MINUS ? -1 : 1) * (hours * 60 + (isWhole ? 0 : minutes));
    return isWhole ? start + 3 : minutesAt + 2;
  }

  #isWithin(): boolean {
    const { hour, halfHour, minute, second } = this.#numbers;
    return hour <= 23 && halfHour <= 12 && minute <= 59 && second <= 59;
  }

  /** Appends what was read last, at most 35 bytes. */
  write(out: Output): void {
    const { year, shortYear, month, day, hour, halfHour, minute, second, fraction } = this.#numbers;
    const century = shortYear >= SHORT_YEARS_FROM ? 1900 : 2000;
    out.putDigits(shortYear < 0 ? year : century + shortYear, 4);
    out.put(MINUS);
    out.putDigits(month, 2);
    out.put(MINUS);
    out.putDigits(day, 2);
    if (this.#isDay && !this.#hasTime) return;
    out.put(T);
    out.putDigits(this.#hasTime ? hour + (halfHour % 12) + (this.#isAfternoon ? 12 : 0) : 0, 2);
    out.put(COLON);
    out.putDigits(minute, 2);
    out.put(COLON);
    out.putDigits(second, 2);
    if (this.#fractionDigits > 0) {
      out.put(POINT);
      out.putDigits(fraction, this.#fractionDigits);
    }
    const zone = this.#zone;
    if (zone === undefined) return;
    out.put(zone < 0 ? MINUS : PLUS);
    out.putDigits(Math.floor(Math.abs(zone) / 60), 2);
    out.put(COLON);
    out.putDigits(Math.abs(zone) % 60, 2);
  }
}
