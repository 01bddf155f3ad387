import type { ColumnKind } from '../cell.ts';
import type { FileFormat } from '../format/file-format.ts';
import { formOf } from '../format/form.ts';
import { valueText } from '../format/value-text.ts';
import { formText } from './form-text.ts';

/** A table whose cells are values of the default form. */
export interface ValueTable {
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly rows: readonly (readonly string[])[];
}

/** A table as a file of a format has it, in UTF-8. */
export function tableText(
  { columns, rows }: ValueTable,
  { delimiter, format }: { readonly delimiter: string; readonly format: FileFormat },
): string {
  const form = formOf({ delimiter, ...format }, { isDelimiterPlain: false });
  if (form === undefined) throw new Error('A form whose delimiter needs a reader of its own is one.');
  const { maybeHeader, toRecord } = formText(form);
  const records = rows.map((cells) =>
    toRecord(cells.map((cell, at) => valueText(columns[at]?.kind ?? 'text', cell, format))),
  );
  const header = maybeHeader(columns.map(({ name }) => name));
  return [...(header === undefined ? [] : [header]), ...records, ''].join('\n');
}
