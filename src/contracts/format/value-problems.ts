import { parseDatePattern, shapeOf } from './date-pattern.ts';
import type { FileFormat } from './file-format.ts';

const WORDS_MAX = 100;
const WORD_LENGTH_MAX = 100;
const PATTERNS_MAX = 20;
/** What numbers consist of beside the two marks. */
const OF_NUMBERS = /[\p{L}\p{N}+\-\0\r\n"]/u;

/** What is wrong with the null texts, as the end of a sentence that begins with `format`. */
export function maybeNullsProblem({ nulls, blanks = 'kept' }: FileFormat): string | undefined {
  if (nulls === undefined) return undefined;
  const problem = maybeWordsProblem('nulls', nulls);
  if (problem !== undefined) return problem;
  const outer = nulls.find((word) => blanks === 'trimmed' && /^[ \t]|[ \t]$/.test(word));
  return outer === undefined
    ? undefined
    : `cannot have blanks trimmed and the null text ${shown(outer)}, which has some`;
}

/** What is wrong with the marks of numbers. */
export function maybeMarksProblem(format: FileFormat, delimiter: string): string | undefined {
  const { decimal = '.', thousands, quote = '"', escape: escaping } = format;
  for (const [name, mark] of Object.entries({ decimal, thousands })) {
    if (mark === undefined) continue;
    if (typeof mark !== 'string' || [...mark].length !== 1 || OF_NUMBERS.test(mark))
      return `expects as ${name} one character that no number has otherwise; got ${shown(mark)}`;
    if (delimiter.includes(mark) && quote === null && escaping !== 'backslash')
      return `cannot have ${shown(mark)} as ${name} and in the delimiter without quotes`;
  }
  return decimal === thousands ? `cannot have ${shown(decimal)} both as decimal and as thousands` : undefined;
}

/** What is wrong with patterns of days or times. */
export function maybeMomentsProblem(name: string, patterns: readonly string[] | undefined): string | undefined {
  if (patterns === undefined) return undefined;
  if (!Array.isArray(patterns) || patterns.length === 0 || patterns.length > PATTERNS_MAX)
    return `expects as ${name} a list of 1 to ${PATTERNS_MAX} patterns, as in ['dd.MM.yyyy']; got ${shown(patterns)}`;
  const shapes = new Map<string, string>();
  for (const pattern of patterns) {
    if (typeof pattern !== 'string') return `expects patterns in ${name}; got ${shown(pattern)}`;
    const steps = parseDatePattern(pattern);
    if (typeof steps === 'string') return `has the pattern ${shown(pattern)}, which ${steps}`;
    const other = shapes.get(shapeOf(steps));
    if (other !== undefined)
      return `has ${shown(other)} and ${shown(pattern)} among its ${name}: a cell that fits one fits the other`;
    shapes.set(shapeOf(steps), pattern);
  }
  return undefined;
}

/** What is wrong with the words for true and false. */
export function maybeBooleansProblem({ booleans, nulls = [] }: FileFormat): string | undefined {
  if (booleans === undefined) return undefined;
  const keys = typeof booleans === 'object' && booleans !== null ? Object.keys(booleans) : [];
  if (keys.length !== 2 || !keys.includes('true') || !keys.includes('false'))
    return `expects booleans such as { true: ['ja'], false: ['nein'] }; got ${shown(booleans)}`;
  const problem =
    maybeWordsProblem('booleans.true', booleans.true) ?? maybeWordsProblem('booleans.false', booleans.false);
  if (problem !== undefined) return problem;
  const no = new Set(booleans.false.map((word) => word.toLowerCase()));
  const both = booleans.true.find((word) => no.has(word.toLowerCase()));
  if (both !== undefined) return `has ${shown(both)} both for true and for false`;
  const empty = [...booleans.true, ...booleans.false].find((word) => nulls.includes(word));
  return empty === undefined ? undefined : `has ${shown(empty)} both among nulls and booleans`;
}

function maybeWordsProblem(name: string, words: readonly string[]): string | undefined {
  if (!Array.isArray(words) || words.length === 0 || words.length > WORDS_MAX)
    return `expects as ${name} a list of 1 to ${WORDS_MAX} texts; got ${shown(words)}`;
  const odd = words.find(
    (word) => typeof word !== 'string' || word === '' || word.length > WORD_LENGTH_MAX || /\p{Surrogate}/u.test(word),
  );
  if (odd !== undefined)
    return `expects in ${name} texts of 1 to ${WORD_LENGTH_MAX} characters; got ${shown(odd)}. An empty cell is null anyway`;
  const twice = words.find((word, at) => words.indexOf(word) !== at);
  return twice === undefined ? undefined : `names ${shown(twice)} twice in ${name}`;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
