import type { ColumnKind } from '../cell.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { type DateStep, parseDatePattern } from './date-pattern.ts';
import type { FileFormat } from './file-format.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
/** A moment without an offset is one in UTC. */
const HAS_OFFSET = /(?:Z|[+-]\d\d(?::?\d\d)?)$/i;
const IS_DAY = /^\d{4}-\d\d-\d\d$/;

/** A value of the default form as files of a format have it: with its decimal mark, its first pattern, its first words. */
export function valueText(kind: ColumnKind, value: string, format: FileFormat): string {
  if (value === '') return value;
  const { decimal = '.', dates, timestamps, booleans } = format;
  if (kind === 'number' || kind === 'integer' || isDecimal(kind)) return value.replace('.', decimal);
  if (kind === 'boolean' && booleans !== undefined)
    return (/^(true|1)/i.test(value) ? booleans.true[0] : booleans.false[0]) ?? value;
  const [pattern] = (kind === 'date' ? dates : kind === 'timestamp' ? timestamps : undefined) ?? [];
  return pattern === undefined ? value : momentText(value, pattern);
}

function momentText(value: string, pattern: string): string {
  const moment = new Date(IS_DAY.test(value) || HAS_OFFSET.test(value) ? value : `${value}Z`);
  const steps = parseDatePattern(pattern);
  if (typeof steps === 'string' || Number.isNaN(moment.getTime())) return value;
  return steps.map((step) => stepText(step, moment)).join('');
}

function stepText(step: DateStep, moment: Date): string {
  switch (step.step) {
    case 'optional':
      return step.steps.map((each) => stepText(each, moment)).join('');
    case 'text':
      return new TextDecoder().decode(step.bytes);
    case 'month': {
      const name = MONTHS[moment.getUTCMonth()] ?? '';
      return step.isLong ? name : name.slice(0, 3);
    }
    case 'half':
      return moment.getUTCHours() < 12 ? 'AM' : 'PM';
    case 'zone':
      return 'Z';
    case 'number':
      return numberText(step, moment);
    default:
      return step satisfies never;
  }
}

function numberText({ field, min }: Extract<DateStep, { step: 'number' }>, moment: Date): string {
  const milliseconds = String(moment.getUTCMilliseconds()).padStart(3, '0');
  // A fraction has as many digits as it must.
  if (field === 'fraction') return milliseconds.padEnd(min, '0').slice(0, Math.max(min, 3));
  const numbers = {
    year: moment.getUTCFullYear(),
    shortYear: moment.getUTCFullYear() % 100,
    month: moment.getUTCMonth() + 1,
    day: moment.getUTCDate(),
    hour: moment.getUTCHours(),
    halfHour: moment.getUTCHours() % 12 || 12,
    minute: moment.getUTCMinutes(),
    second: moment.getUTCSeconds(),
  };
  return String(numbers[field]).padStart(min, '0');
}
