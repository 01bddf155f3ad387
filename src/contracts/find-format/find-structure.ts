import type { FileFormat } from '../format/file-format.ts';
import { isPlainCell } from './cell-forms.ts';
import { isEnclosing, isSpaced } from './enclosing.ts';
import type { Reason } from './reason.ts';
import { type SampleRecord, sampleRecords } from './sample-records.ts';

const DELIMITERS = [
  ',',
  ';',
  '\t',
  '|',
  '^',
  '~',
  '\u0001',
  '\u001f',
  '§',
  '¦',
  '→',
  '||',
  '::',
  '|@|',
  '~|~',
  ':',
  ' ',
];
/** Marks that stand in times and between words far more often than between cells. */
const RARELY: Readonly<Record<string, number>> = { ':': 0.6, ' ': 0.5 };
const QUOTES = ['"', "'", '`', '«'] as const;
const COMMENTS = ['#', '//', '%', '--', '!', '*'];
/** A file whose lines do not agree by this share has one column. */
const AGREED_SHARE = 0.5;
/** Below, another way to cut the lines must be clearly better than the default. */
const CLEARLY = 1.02;
const TRAILING_SHARE = 0.95;
/** What lines before the table count, which may be more than those of a small one. */
const BEFORE_SHARE = 0.25;
/** Every second cell is empty where half of a delimiter was taken for one. */
const GAPPED = 0.5;

export interface FoundStructure {
  readonly format: FileFormat & { readonly delimiter: string };
  /** Records of the table, with the rows of its header; without comments and what is before it. */
  readonly records: readonly SampleRecord[];
  readonly cells: number;
  readonly reasons: readonly Reason[];
}

type Cut = FileFormat & { readonly delimiter: string };

interface Scored {
  readonly cut: Cut;
  readonly records: readonly SampleRecord[];
  readonly cells: number;
  readonly agreeing: number;
  readonly score: number;
}

/** How the lines of a sample are cut into cells: the way by which most lines have as many cells, and cells are values or words. */
export function findStructure(text: string, delimiter: string | undefined): FoundStructure {
  const bytes = new TextEncoder().encode(text);
  const best = waysOf(text, delimiter)
    .map((cut) => scored(bytes, cut))
    .reduce((most, other) => (other.score > most.score * CLEARLY ? other : most));
  const comment = maybeComment(best);
  const table = best.records.filter(({ text: line }) => comment === undefined || !line.startsWith(comment));
  const isTrailing = hasTrailing(best);
  const first = table.find(({ cells, isBroken }) => !isBroken && isOfTable(cells.length, { ...best, isTrailing }));
  const skipLines = first === undefined || best.cells === 1 ? 0 : skippedLines(best.records, { first, comment });
  const records = table.filter(({ line }) => line > skipLines);
  const cells = best.cells - (isTrailing ? 1 : 0);
  const { cut, agreeing } = best;
  const lines = `${agreeing} of ${best.records.length} lines`;
  const reasons: Reason[] = [
    { setting: 'delimiter', because: `with ${named(cut.delimiter)} ${lines} have ${best.cells} cells` },
    ...(cut.quote === undefined ? [] : [{ setting: 'quote', because: quoteReason(cut, lines) }]),
    ...(cut.escape === undefined
      ? []
      : [{ setting: 'escape', because: `backslashes stand before quotes or delimiters, and so ${lines} agree` }]),
    ...(cut.blanks === undefined ? [] : [{ setting: 'blanks', because: 'blanks stand between delimiters and quotes' }]),
    ...(comment === undefined
      ? []
      : [
          {
            setting: 'comment',
            because: `${best.records.length - table.length} lines begin with ${named(comment)} and have other numbers of cells`,
          },
        ]),
    ...(skipLines === 0
      ? []
      : [{ setting: 'skipLines', because: `the first line with ${best.cells} cells is line ${skipLines + 1}` }]),
    ...(isTrailing
      ? [{ setting: 'hasTrailingDelimiter', because: `nothing follows the last delimiter of ${agreeing} lines` }]
      : []),
  ];
  const format = {
    ...cut,
    ...(comment === undefined ? {} : { comment }),
    ...(skipLines === 0 ? {} : { skipLines }),
    ...(isTrailing ? { hasTrailingDelimiter: true } : {}),
  };
  return { format, records, cells, reasons };
}

function quoteReason({ quote }: Cut, lines: string): string {
  return quote === null
    ? `quotes stand in cells as characters, and so ${lines} agree`
    : `cells are enclosed in ${quote}, and so ${lines} agree`;
}

/** The ways to cut that the sample gives reason for; the default way first. */
function waysOf(text: string, given: string | undefined): readonly Cut[] {
  const found = DELIMITERS.filter((each) => text.includes(each));
  // A bar that is always doubled is half of a delimiter.
  const isPart = (each: string): boolean =>
    found.some((longer) => longer !== each && longer.includes(each) && !text.replaceAll(longer, '').includes(each));
  const delimiters = given === undefined ? found.filter((each) => !isPart(each)) : [given];
  if (delimiters.length === 0) return [{ delimiter: ',' }];
  return delimiters.flatMap((delimiter) => {
    const quotes = QUOTES.filter((quote) => isEnclosing(text, { quote, delimiter }));
    const spaced = quotes.some((quote) => isSpaced(text, { quote, delimiter }));
    const isBlankKept = !spaced || delimiter === ' ';
    const plain: Cut = isBlankKept ? { delimiter } : { delimiter, blanks: 'skipped' };
    const other = quotes.filter((quote) => quote !== '"').map((quote): Cut => ({ ...plain, quote }));
    const bare: readonly Cut[] = text.includes('"') ? [{ delimiter, quote: null }] : [];
    const all = [plain, ...other, ...bare];
    return text.includes('\\') ? [...all, ...all.map((cut): Cut => ({ ...cut, escape: 'backslash' }))] : all;
  });
}

function scored(bytes: Uint8Array, cut: Cut): Scored {
  const records = sampleRecords(bytes, cut);
  const counts = new Map<number, number>();
  for (const { cells, isBroken } of records)
    if (!isBroken) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const worth = ([cells, count]: readonly [number, number]): number => count * (1 - 1 / (cells + 1));
  const usual = [...counts].reduce((most, other) => (worth(other) > worth(most) ? other : most), [1, 0] as const);
  const [cells, agreeing] = usual;
  const before = records.findIndex((record) => !record.isBroken && record.cells.length === cells);
  const share = agreeing / Math.max(1, records.length - before * (1 - BEFORE_SHARE));
  const whole = records.filter((record) => !record.isBroken && record.cells.length === cells);
  const all = whole.flatMap((record) => record.cells);
  const clean = all.filter((cell) => isPlainCell(cell)).length / Math.max(1, all.length);
  const isTable = cells > 1 && share >= AGREED_SHARE;
  // One cell in every line is what any file has with a delimiter that it lacks.
  return {
    cut,
    records,
    cells,
    agreeing,
    score: isTable
      ? share * clean * (1 - 1 / (cells + 1)) * (RARELY[cut.delimiter] ?? 1) * (isGapped(whole[0]) ? GAPPED : 1)
      : 0.05 * share,
  };
}

/** Whether the second, the fourth and so on of the cells are empty, of at least three. */
function isGapped(record: SampleRecord | undefined): boolean {
  const gaps = record?.cells.filter((_, at) => at % 2 === 1) ?? [];
  return (record?.cells.length ?? 0) > 2 && gaps.every(({ text, isQuoted }) => text === '' && !isQuoted);
}

/** What lines begin with that have other numbers of cells than the table, in front of it or within. */
function maybeComment({ records, cells, cut }: Scored): string | undefined {
  if (cells === 1) return undefined;
  return COMMENTS.find((mark) => {
    const marked = records.filter(({ text }) => text.startsWith(mark));
    const isOther = marked.every((record) => record.cells.length !== cells || record.isBroken);
    return marked.length > 0 && isOther && !mark.startsWith(cut.delimiter) && cut.quote !== mark;
  });
}

/** Whether the last cell of nearly every line is empty and has no name. */
function hasTrailing({ records, cells, cut }: Scored): boolean {
  if (cells < 2 || cut.delimiter === ' ') return false;
  const whole = records.filter((record) => record.cells.length === cells);
  const trailing = whole.filter(({ cells: all }) => all.at(-1)?.text.trim() === '' && all.at(-1)?.isQuoted === false);
  const isUnnamed = whole[0] === trailing[0] || records.some((record) => record.cells.length === cells - 1);
  return isUnnamed && trailing.length >= whole.length * TRAILING_SHARE;
}

function isOfTable(
  count: number,
  { cells, isTrailing }: { readonly cells: number; readonly isTrailing: boolean },
): boolean {
  return count === cells || (isTrailing && count === cells - 1);
}

/** Lines before the first record of the table, unless they are blank or comments. */
function skippedLines(
  records: readonly SampleRecord[],
  { first, comment }: { readonly first: SampleRecord; readonly comment: string | undefined },
): number {
  const before = records.filter(({ line }) => line < first.line);
  const last = before.findLastIndex(({ text }) => comment === undefined || !text.startsWith(comment));
  // Comments right before the table are passed anyway.
  return last < 0 ? 0 : (before[last + 1] ?? first).line - 1;
}

/** A mark as it is shown in a sentence. */
export function named(mark: string): string {
  const names: Readonly<Record<string, string>> = { '\t': 'tabs', ' ': 'blanks', ',': 'commas', ';': 'semicolons' };
  return names[mark] ?? JSON.stringify(mark);
}
