/*
 * Patterns of days and times, in the letters of Unicode's date field symbols (Unicode Technical Standard 35, part 4,
 * "Date Field Symbol Table") and the optional part in brackets of Java's DateTimeFormatter:
 *
 *   yyyy  year of four digits              HH H  hour, 00 to 23          a     AM or PM
 *   yy    1969 to 2068, as POSIX has it    hh h  hour, 01 to 12          X     Z, +01, +0100 or +01:00
 *   MM M  month, two digits or any         mm m  minute                  '…'   text as it stands; '' is a quote
 *   MMM   Jan, MMMM January, in any case   ss s  second                  […]   may be absent
 *   dd d  day                              S     fraction of 1 to 9 digits; SSS of exactly three
 *
 * Other letters are refused, other characters stand for themselves.
 */

/** A step of a pattern. Numbers have digits from `min` to `max`. */
export type DateStep =
  | { readonly step: 'number'; readonly field: NumberField; readonly min: number; readonly max: number }
  | { readonly step: 'month'; readonly isLong: boolean }
  | { readonly step: 'half' }
  | { readonly step: 'zone' }
  | { readonly step: 'text'; readonly bytes: Uint8Array }
  | { readonly step: 'optional'; readonly steps: readonly DateStep[] };
type NumberField = 'year' | 'shortYear' | 'month' | 'day' | 'hour' | 'halfHour' | 'minute' | 'second' | 'fraction';

const NUMBERS: Readonly<Record<string, Omit<Extract<DateStep, { step: 'number' }>, 'step'>>> = {
  yyyy: { field: 'year', min: 4, max: 4 },
  yy: { field: 'shortYear', min: 2, max: 2 },
  MM: { field: 'month', min: 2, max: 2 },
  M: { field: 'month', min: 1, max: 2 },
  dd: { field: 'day', min: 2, max: 2 },
  d: { field: 'day', min: 1, max: 2 },
  HH: { field: 'hour', min: 2, max: 2 },
  H: { field: 'hour', min: 1, max: 2 },
  hh: { field: 'halfHour', min: 2, max: 2 },
  h: { field: 'halfHour', min: 1, max: 2 },
  mm: { field: 'minute', min: 2, max: 2 },
  m: { field: 'minute', min: 1, max: 2 },
  ss: { field: 'second', min: 2, max: 2 },
  s: { field: 'second', min: 1, max: 2 },
  S: { field: 'fraction', min: 1, max: 9 },
};
const TOKENS = /'(?:[^']|'')*'|\[|\]|([A-Za-z])\1*|[^A-Za-z'[\]]+|'/g;
const PATTERN_LENGTH_MAX = 60;
/** Each doubles the number of forms that a cell is compared with. */
const OPTIONAL_MAX = 3;

/** The steps of a pattern; or why it is none, as the end of a sentence. */
export function parseDatePattern(pattern: string): readonly DateStep[] | string {
  if (pattern.length > PATTERN_LENGTH_MAX) return `has more than ${PATTERN_LENGTH_MAX} characters`;
  const outer: DateStep[] = [];
  let inner: DateStep[] | undefined;
  for (const [token] of pattern.matchAll(TOKENS)) {
    if (token === '[') {
      if (inner !== undefined) return 'has brackets within brackets';
      inner = [];
    } else if (token === ']') {
      if (inner === undefined || inner.length === 0) return 'has a bracket that closes nothing';
      outer.push({ step: 'optional', steps: inner });
      inner = undefined;
    } else {
      const step = stepOf(token);
      if (typeof step === 'string') return step;
      (inner ?? outer).push(step);
    }
  }
  if (inner !== undefined) return 'has a bracket that is never closed';
  if (outer.filter(({ step }) => step === 'optional').length > OPTIONAL_MAX)
    return `has more than ${OPTIONAL_MAX} parts in brackets`;
  return lackOf(outer) ?? outer;
}

function stepOf(token: string): DateStep | string {
  const number = NUMBERS[token];
  if (number !== undefined && Object.hasOwn(NUMBERS, token)) return { step: 'number', ...number };
  if (/^S{2,9}$/.test(token)) return { step: 'number', field: 'fraction', min: token.length, max: token.length };
  if (token === 'MMM' || token === 'MMMM') return { step: 'month', isLong: token === 'MMMM' };
  if (token === 'a') return { step: 'half' };
  if (token === 'X') return { step: 'zone' };
  if (/^[A-Za-z]/.test(token))
    return `has ${token}, which is none of yyyy, yy, MMMM, MMM, MM, M, dd, d, HH, H, hh, h, mm, m, ss, s, S, a and X`;
  if (token === "'") return 'has a quote that is never closed';
  const text = token === "''" ? "'" : token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token;
  return { step: 'text', bytes: new TextEncoder().encode(text) };
}

/** What a date cannot be without, or has twice. */
function lackOf(steps: readonly DateStep[]): string | undefined {
  const all = fieldsOf(steps);
  const twice = all.find((field, at) => all.indexOf(field) !== at);
  if (twice !== undefined) return `names the ${twice} twice`;
  const sure = fieldsOf(steps.filter(({ step }) => step !== 'optional'));
  const lacking = ['year', 'month', 'day'].find((field) => !sure.includes(field));
  if (lacking !== undefined) return `has no ${lacking}`;
  if (all.includes('half') !== all.includes('hour of a half')) return 'has only one of h and a: both say the hour';
  const isOpen = (each: DateStep): boolean => each.step === 'number' && each.min < each.max;
  if (steps.some((each, at) => isOpen(each) && steps[at + 1]?.step === 'number'))
    return 'has a number of one digit or two right before another, so that nobody knows where it ends';
  const larger = [
    ['minute', 'hour'],
    ['second', 'minute'],
    ['fraction', 'second'],
  ].find(([small = '', large = '']) => all.includes(small) && !all.some((field) => field.startsWith(large)));
  return larger && `has a ${larger[0]} without ${larger[1]}`;
}

function fieldsOf(steps: readonly DateStep[]): readonly string[] {
  return steps.flatMap((each) => {
    if (each.step === 'optional') return fieldsOf(each.steps);
    if (each.step === 'text') return [];
    if (each.step !== 'number') return [each.step];
    if (each.field === 'shortYear') return ['year'];
    return [each.field === 'halfHour' ? 'hour of a half' : each.field];
  });
}

/** Equal for patterns that read the same text in two ways, such as `dd/MM/yyyy` and `MM/dd/yyyy`. */
export function shapeOf(steps: readonly DateStep[]): string {
  return steps
    .map((each) => {
      if (each.step === 'number') return `${each.min}-${each.max}`;
      if (each.step === 'text') return `'${each.bytes.join('.')}'`;
      return each.step === 'optional' ? `[${shapeOf(each.steps)}]` : each.step;
    })
    .join(' ');
}
