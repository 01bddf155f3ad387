import { namesByPlace } from '../check/form-columns.ts';
import { matchHeader } from '../check/match-header.ts';
import type { ColumnKind, Contract } from '../contract.ts';
import type { Form } from '../format/form.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf } from '../scan/fields.ts';
import { type RecordForm, recordFormOf } from '../scan/record-form.ts';
import { scanRecords } from '../scan/scan-records.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';

export interface WriteInFormOptions {
  /** A file of canonical CSV. */
  readonly canonical: string;
  readonly path: string;
  readonly form: Form;
  readonly contract: Contract;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes rows of canonical CSV as a file of a form, in UTF-8. Moments have no more digits than their pattern says.
 *
 * @throws UndecodableError where the form cannot hold a cell, or would be read as another value.
 */
export async function writeInForm({ canonical, path, form, contract, signal }: WriteInFormOptions): Promise<void> {
  const { delimiter, columns } = contract;
  const records = recordFormOf(form);
  const writer = new ByteWriter(path);
  let names: readonly string[] | undefined;
  let kinds: readonly ColumnKind[] = [];
  const onRecord = (bytes: Buffer): void => {
    const cells = fieldsOf(bytes.toString('utf8', 0, bytes.length - 1), delimiter);
    if (names === undefined) {
      names = cells;
      assertPlaces(names, { form, contract });
      const columnsAt = new Map([...matchHeader(contract, names).positions].map(([name, at]) => [at, name]));
      kinds = names.map((_, at) => columns[columnsAt.get(at) ?? '']?.kind ?? 'text');
      const header = records.maybeHeader(names);
      if (header !== undefined) writer.appendText(`${header}\n`);
      return;
    }
    const texts = cells.map((cell, at) =>
      textIn(records, { cell, kind: kinds[at] ?? 'text', name: names?.[at] ?? '' }),
    );
    writer.appendText(`${records.toRecord(texts)}\n`);
  };
  try {
    const scanning = {
      path: canonical,
      delimiter,
      recordBytesMax: Number.POSITIVE_INFINITY,
      ...(signal && { signal }),
    };
    await scanRecords('csv', { ...scanning, encoding: 'utf-8', onRecord, onBlock: () => writer.flush() });
    await writer.close();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Without a header, columns are known by their places alone. */
function assertPlaces(
  names: readonly string[],
  { form, contract }: Pick<WriteInFormOptions, 'form' | 'contract'>,
): void {
  if (form.headerRows > 0) return;
  const expected = namesByPlace(contract, { cells: names.length });
  if (expected.join('\n') === names.join('\n')) return;
  throw new UndecodableError(
    `The format has no header, so its columns are ${expected.join(', ')}, in this order; the file has ${names.join(', ')}.`,
  );
}

function textIn(
  records: RecordForm,
  { cell, kind, name }: { readonly cell: string; readonly kind: ColumnKind; readonly name: string },
): string {
  const text = records.toText(kind, cell);
  const isSame = records.seen(text) === text && records.isValue(kind, text) === (maybeValue(kind, cell) !== undefined);
  if (isSame || cell === '') return text;
  // Without the cell, which may be nobody's business.
  throw new UndecodableError(
    `A cell of ${JSON.stringify(name)} would be read as another value in the format, such as a text that means null there. Corrupt a CSV file, or use a contract without a format.`,
  );
}
