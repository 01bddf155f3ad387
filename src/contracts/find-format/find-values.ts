import type { ColumnKind } from '../cell.ts';
import type { FileFormat } from '../format/file-format.ts';
import { reader } from './cell-forms.ts';
import type { Reason } from './reason.ts';
import { DAY_STYLES, NULL_WORDS, NUMBER_STYLES, stylesLike, TIME_STYLES, WORD_PAIRS } from './value-styles.ts';

/** The cells of a column, trimmed, without empty ones. */
type Column = readonly string[];

export interface FoundValues {
  readonly format: FileFormat;
  /** By place; undefined for texts. */
  readonly kinds: readonly (ColumnKind | undefined)[];
  readonly reasons: readonly Reason[];
}

/** A column has a kind when so many of its cells have a value of it; what is left are perhaps texts for null. */
const KIND_SHARE = 0.6;
/** Without texts for null, nearly all. */
const SURE_SHARE = 0.95;
/** As many rows may name the columns. */
const HEADER_ROWS_MAX = 10;
const DIGITS = /^[+-]?\d+$/;
const EIGHT_DIGITS = /^\d{8}$/;

/** How the values in columns are written. The first cells of a column may be its name, so they do not count against a kind. */
export function findValues(columns: readonly Column[], known: FileFormat = {}): FoundValues {
  const odd = new Map<string, number>();
  const numbers = maybeKnownMarks(known) ?? numberStyle(columns);
  const toNumber = reader('number', numbers.marks);
  const chosen = columns.map((column): { kind: ColumnKind; style?: string } | undefined => {
    const moment = momentOf(column, known);
    if (moment !== undefined) return moment;
    const isNumber = fits(column, (cell) => toNumber(cell) !== undefined);
    if (isNumber) return { kind: 'number' };
    return wordsOf(column, known) === undefined ? undefined : { kind: 'boolean' };
  });
  const dates = stylesOf(chosen, 'date');
  const timestamps = stylesOf(chosen, 'timestamp');
  const pairs = columns.flatMap((column, at) => (chosen[at]?.kind === 'boolean' ? (wordsOf(column, known) ?? []) : []));
  const booleans = booleansOf(pairs);
  const format: FileFormat = {
    ...numbers.marks,
    ...(dates.every((style) => style === DAY_STYLES[0]) ? {} : { dates }),
    ...(timestamps.every((style) => style === TIME_STYLES[0]) ? {} : { timestamps }),
    ...(booleans === undefined ? {} : { booleans }),
  };
  for (const [at, column] of columns.entries()) {
    const kind = chosen[at]?.kind;
    if (kind === undefined) continue;
    const read = reader(kind, format);
    for (const word of new Set(column))
      if (NULL_WORDS.includes(word) && read(word) === undefined)
        odd.set(word, (odd.get(word) ?? 0) + column.filter((cell) => cell === word).length);
  }
  const nulls = [...odd.keys()];
  const about = (kinds: readonly ColumnKind[]): string =>
    columnsInWords(chosen.filter((each) => each !== undefined && kinds.includes(each.kind)).length);
  const reasons: Reason[] = [
    ...numbers.reasons,
    ...(format.dates === undefined
      ? []
      : [{ setting: 'dates', because: `the cells of ${about(['date'])} are days written ${dates.join(' or ')}` }]),
    ...(format.timestamps === undefined
      ? []
      : [
          {
            setting: 'timestamps',
            because: `the cells of ${about(['timestamp'])} are times written ${timestamps.join(' or ')}`,
          },
        ]),
    ...(booleans === undefined
      ? []
      : [
          {
            setting: 'booleans',
            because: `${about(['boolean'])} have ${[...booleans.true, ...booleans.false].join(', ')} and nothing else`,
          },
        ]),
    ...(nulls.length === 0
      ? []
      : [
          {
            setting: 'nulls',
            because: `${[...odd].map(([word, count]) => `${JSON.stringify(word)} stands ${count} times`).join(', ')} among values of another kind`,
          },
        ]),
  ];
  return {
    format: { ...format, ...(nulls.length === 0 ? {} : { nulls }) },
    kinds: chosen.map((each) => each?.kind),
    reasons,
  };
}

const columnsInWords = (count: number): string => (count === 1 ? '1 column' : `${count} columns`);

/** The cells that are sure to be no names: of a short column the second half. */
function bodyOf(column: Column): Column {
  return column.slice(Math.min(HEADER_ROWS_MAX, Math.ceil(column.length / 2)));
}

/** Whether a column has values of a kind, but for its names and texts for null. */
function fits(column: Column, isValue: (cell: string) => boolean): boolean {
  const body = bodyOf(column);
  const filled = body.filter((cell) => !NULL_WORDS.includes(cell));
  const values = filled.filter(isValue).length;
  const isOnly = filled.length === 0 && column.length === 1 && isValue(column[0] ?? '');
  return isOnly || (values > 0 && values >= filled.length * SURE_SHARE && values >= body.length * (1 - KIND_SHARE));
}

function maybeKnownMarks({ decimal, thousands }: FileFormat): ReturnType<typeof numberStyle> | undefined {
  if (decimal === undefined && thousands === undefined) return undefined;
  const marks = { ...(decimal === undefined ? {} : { decimal }), ...(thousands === undefined ? {} : { thousands }) };
  return { marks, reasons: [] };
}

function numberStyle(columns: readonly Column[]): { readonly marks: FileFormat; readonly reasons: readonly Reason[] } {
  const cells = columns.flatMap((column) =>
    column.filter((cell) => /^[+-]?[\d.,]/.test(cell) && /^[+\-\d.,eE' _’\u00a0\u202f]+$/.test(cell)),
  );
  // Digits alone are a number in every style.
  const told = cells.filter((cell) => !DIGITS.test(cell));
  let best = { marks: {}, count: -1 };
  for (const marks of NUMBER_STYLES) {
    // Of styles that read as many cells, the first one counts.
    if (best.count === cells.length) break;
    const read = reader('number', marks);
    const count = cells.length - told.length + told.filter((cell) => read(cell) !== undefined).length;
    if (count > best.count) best = { marks, count };
  }
  const { decimal, thousands }: FileFormat = best.marks;
  const of = `${best.count} of ${cells.length} cells with digits are numbers`;
  return {
    marks: best.marks,
    reasons: [
      ...(decimal === undefined ? [] : [{ setting: 'decimal', because: `with a comma before the fraction ${of}` }]),
      ...(thousands === undefined
        ? []
        : [{ setting: 'thousands', because: `with ${JSON.stringify(thousands)} between groups of digits ${of}` }]),
    ],
  };
}

/** The kind and the pattern of a column of days or times. */
function momentOf(
  column: Column,
  { dates, timestamps }: FileFormat,
): { readonly kind: 'date' | 'timestamp'; readonly style: string } | undefined {
  const sample = bodyOf(column).find((cell) => !NULL_WORDS.includes(cell)) ?? column[0] ?? '';
  if (!/\d/.test(sample) || sample.length < 6) return undefined;
  const styleOf = (kind: 'date' | 'timestamp', styles: readonly string[]): string | undefined =>
    styles.find((style) => {
      const read = reader(kind, kind === 'date' ? { dates: [style] } : { timestamps: [style] });
      return read(sample) !== undefined && fits(column, (cell) => read(cell) !== undefined);
    });
  const day = styleOf('date', dates ?? stylesLike(sample, DAY_STYLES));
  // Eight digits are a day only where all of them are days of two centuries.
  if (day !== undefined && (!EIGHT_DIGITS.test(sample) || fits(column, (cell) => /^(19|20)/.test(cell))))
    return { kind: 'date', style: day };
  const time = styleOf('timestamp', timestamps ?? stylesLike(sample, TIME_STYLES));
  return time === undefined ? undefined : { kind: 'timestamp', style: time };
}

function stylesOf(
  chosen: readonly ({ readonly kind: ColumnKind; readonly style?: string } | undefined)[],
  kind: ColumnKind,
): readonly string[] {
  return [...new Set(chosen.flatMap((each) => (each?.kind === kind && each.style !== undefined ? [each.style] : [])))];
}

/** The pair of words that a column has, both of them, behind the cells that name it. */
function wordsOf(column: Column, { booleans }: FileFormat): readonly [yes: string, no: string][] | undefined {
  const cells = column.filter((cell) => !NULL_WORDS.includes(cell)).map((cell) => cell.toLowerCase());
  const pairs = booleans === undefined ? WORD_PAIRS : pairsOf(booleans);
  const pair = pairs.find(([yes, no]) => {
    const names = cells.findIndex((cell) => cell === yes || cell === no);
    if (names < 0 || names > HEADER_ROWS_MAX || names > cells.length / 2) return false;
    const words = new Set(cells.slice(names));
    return words.size === 2 && words.has(yes) && words.has(no);
  });
  return pair && [[...pair]];
}

function pairsOf({ true: yes, false: no }: NonNullable<FileFormat['booleans']>): typeof WORD_PAIRS {
  return yes.flatMap((word) => no.map((other) => [word.toLowerCase(), other.toLowerCase()] as const));
}

/** Undefined where true and false are all there is. */
function booleansOf(pairs: readonly (readonly [yes: string, no: string])[]): FileFormat['booleans'] {
  const yes = [...new Set(pairs.map(([word]) => word))];
  const no = [...new Set(pairs.map(([, word]) => word))];
  if (yes.every((word) => word === 'true')) return undefined;
  return { true: yes, false: no };
}
