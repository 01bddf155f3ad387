import type { ColumnKind } from '../cell.ts';
import type { FileFormat } from '../format/file-format.ts';
import { reader } from './cell-forms.ts';
import type { Reason } from './reason.ts';
import type { SampleRecord } from './sample-records.ts';

const HEADER_ROWS_MAX = 10;

export interface FoundHeader {
  readonly headerRows: number;
  readonly reasons: readonly Reason[];
}

/** How many rows name the columns: those before the first that has values where the rest of the file has some. */
export function findHeader(
  records: readonly SampleRecord[],
  { kinds, format }: { readonly kinds: readonly (ColumnKind | undefined)[]; readonly format: FileFormat },
): FoundHeader {
  const [first, ...rest] = records;
  if (first === undefined || rest.length === 0) return { headerRows: 1, reasons: [] };
  const readers = kinds.map((kind) => (kind === undefined ? undefined : reader(kind, format)));
  const valued = readers.filter((read) => read !== undefined).length;
  if (valued === 0) return byTexts(first, rest);
  const isNaming = ({ cells }: SampleRecord): boolean => {
    const texts = cells.map(({ text }) => text.trim());
    const marked = texts.filter(
      (text, at) => text !== '' && readers[at] !== undefined && format.nulls?.includes(text) !== true,
    );
    const isValue = texts.some((text, at) => text !== '' && readers[at]?.(text) !== undefined);
    return marked.length > 0 && !isValue;
  };
  const found = records.findIndex((record) => !isNaming(record));
  if (found === 1) return { headerRows: 1, reasons: [] };
  if (found === 0) {
    const because = `the first row has values, as the others have, in ${valued} of ${kinds.length} columns`;
    return { headerRows: 0, reasons: [{ setting: 'headerRows', because }] };
  }
  if (found < 0 || found > HEADER_ROWS_MAX) return { headerRows: 1, reasons: [] };
  const because = `the first ${found} rows have texts where the others have values, in ${valued} of ${kinds.length} columns`;
  return { headerRows: found, reasons: [{ setting: 'headerRows', because }] };
}

/** Of a table of texts, the first row is one of many when a cell of it comes again in its column, or is empty. */
function byTexts(first: SampleRecord, rest: readonly SampleRecord[]): FoundHeader {
  const again = first.cells.filter(
    ({ text }, at) => text !== '' && rest.some(({ cells }) => cells[at]?.text === text),
  ).length;
  if (again === 0) return { headerRows: 1, reasons: [] };
  const because = `cells of the first row come again in ${again} of ${first.cells.length} columns`;
  return { headerRows: 0, reasons: [{ setting: 'headerRows', because }] };
}
