import { ContractError } from '../errors.ts';
import { encodingProblem } from './encodings.ts';
import type { FileFormat } from './file-format.ts';
import { maybeBooleansProblem, maybeMarksProblem, maybeMomentsProblem, maybeNullsProblem } from './value-problems.ts';

const HEADER_ROWS_MAX = 10;
const SKIP_LINES_MAX = 10_000;
/** Of delimiters and comment marks, in characters. */
const MARK_LENGTH_MAX = 8;
const DEFAULTS = {
  ...{ quote: '"', escape: 'doubled', headerRows: 1, skipLines: 0, hasTrailingDelimiter: false, blanks: 'kept' },
  ...{ decimal: '.' },
} as const satisfies FileFormat;
const SETTINGS: readonly string[] = [
  ...Object.keys(DEFAULTS),
  ...['delimiter', 'comment', 'encoding', 'nulls', 'thousands', 'dates', 'timestamps', 'booleans'],
];

/**
 * A format with what differs from the default form, frozen; undefined when nothing does. Settings that contradict each
 * other, or that no file can meet, are refused.
 */
export function defineFormat(
  contract: string,
  { format, delimiter }: { readonly format: FileFormat; readonly delimiter: string },
): FileFormat | undefined {
  const problem = typeof format === 'object' && format !== null ? maybeProblem(format, delimiter) : 'is an object';
  if (problem !== undefined) throw new ContractError('contract_invalid', `Contract "${contract}": format ${problem}.`);
  const stated = Object.entries(format).filter(([name, value]) => {
    const known: Readonly<Record<string, unknown>> = { ...DEFAULTS, delimiter };
    return value !== undefined && value !== known[name];
  });
  return stated.length === 0 ? undefined : deepFrozen(Object.fromEntries(stated));
}

/** What is wrong with a format, as the end of a sentence that begins with `format`. */
function maybeProblem(format: FileFormat, contractDelimiter: string): string | undefined {
  const unknown = Object.keys(format).find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) return `does not know the setting "${unknown}". It knows: ${SETTINGS.join(', ')}`;
  const { delimiter = contractDelimiter } = format;
  return (
    maybeMarkProblem('delimiter', format.delimiter) ??
    maybeMarkProblem('comment', format.comment) ??
    maybeQuoteProblem(format, delimiter) ??
    maybeStructureProblem(format, delimiter) ??
    maybeNullsProblem(format) ??
    maybeMarksProblem(format, delimiter) ??
    maybeMomentsProblem('dates', format.dates) ??
    maybeMomentsProblem('timestamps', format.timestamps) ??
    maybeBooleansProblem(format) ??
    (format.encoding === undefined ? undefined : encodingProblem(format.encoding))
  );
}

function maybeMarkProblem(name: 'delimiter' | 'comment', mark: unknown): string | undefined {
  if (mark === undefined) return undefined;
  if (typeof mark !== 'string' || mark === '' || [...mark].length > MARK_LENGTH_MAX || /[\0\r\n]/.test(mark))
    return `expects as ${name} one to ${MARK_LENGTH_MAX} characters without line ends; got ${shown(mark)}`;
  return isWhole(mark) ? undefined : `expects as ${name} whole characters; got half of one, ${shown(mark)}`;
}

function maybeQuoteProblem(
  { quote = '"', escape: escaping = 'doubled' }: FileFormat,
  delimiter: string,
): string | undefined {
  if (!['doubled', 'backslash'].includes(escaping))
    return `expects as escape doubled or backslash; got ${shown(escaping)}`;
  const isBackslash = escaping === 'backslash';
  if (isBackslash && delimiter.includes('\\')) return 'cannot have a backslash both to escape and as the delimiter';
  if (quote === null) return undefined;
  if (typeof quote !== 'string' || [...quote].length !== 1 || /[\0\r\n \t]/.test(quote) || !isWhole(quote))
    return `expects as quote one character that is no blank, or null for none; got ${shown(quote)}`;
  if (delimiter.includes(quote)) return `cannot have ${shown(quote)} both as quote and as delimiter`;
  return isBackslash && quote === '\\' ? 'cannot have a backslash both to escape and as the quote' : undefined;
}

function maybeStructureProblem(format: FileFormat, delimiter: string): string | undefined {
  const { headerRows = 1, skipLines = 0, comment, quote = '"', blanks = 'kept', hasTrailingDelimiter } = format;
  if (!isWithin(headerRows, HEADER_ROWS_MAX))
    return `expects headerRows from 0 to ${HEADER_ROWS_MAX}; got ${shown(headerRows)}`;
  if (!isWithin(skipLines, SKIP_LINES_MAX))
    return `expects skipLines from 0 to ${SKIP_LINES_MAX}; got ${shown(skipLines)}`;
  if (!['kept', 'skipped', 'trimmed'].includes(blanks))
    return `expects as blanks kept, skipped or trimmed; got ${shown(blanks)}`;
  if (hasTrailingDelimiter !== undefined && typeof hasTrailingDelimiter !== 'boolean')
    return `expects hasTrailingDelimiter to be true or false; got ${shown(hasTrailingDelimiter)}`;
  if (blanks !== 'kept' && /^ | $/.test(delimiter))
    return `cannot have blanks ${blanks} and a blank in the delimiter: nobody could tell them apart`;
  if (comment === undefined) return undefined;
  if (comment.startsWith(delimiter) || delimiter.startsWith(comment))
    return `cannot have ${shown(comment)} both as comment and as delimiter`;
  return quote !== null && comment.startsWith(quote)
    ? `cannot have ${shown(comment)} as comment: it begins with the quote`
    : undefined;
}

/** No half of a pair, which no encoding can write. */
const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

function isWithin(value: unknown, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) deepFrozen(each);
  return Object.freeze(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
