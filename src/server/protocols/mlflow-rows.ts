import { z } from 'zod';
import { type Contract, maybeValue, readCsv } from '#contracts';
import { ServerError } from '../errors.ts';

const table = z.object({ columns: z.array(z.string()), data: z.array(z.array(z.unknown())) });
const records = z.array(z.record(z.string(), z.unknown()));
const columns = z.record(z.string(), z.union([z.array(z.unknown()), z.unknown()]));

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;

/** The rows of a body of MLflow's scoring protocol, in whichever of its forms they are. */
export function rowsOfJson(body: unknown): readonly unknown[] {
  const given = typeof body === 'object' && body !== null ? body : {};
  const forms = FORMS.filter((form) => Object.hasOwn(given, form));
  const [form] = forms;
  if (form === undefined || forms.length > 1)
    throw invalid(`exactly one of ${FORMS.join(', ')}; got ${forms.join(' and ') || 'none'}`);
  // The field was just found to be there.
  const value: unknown = (given as Record<string, unknown>)[form];
  if (form === 'dataframe_split') return rowsOfTable(value);
  if (form === 'dataframe_records') return parsed(records, { value, form });
  return Array.isArray(value)
    ? parsed(records, { value, form })
    : rowsOfColumns(parsed(columns, { value, form }), form);
}

function rowsOfTable(value: unknown): readonly unknown[] {
  const { columns: names, data } = parsed(table, { value, form: 'dataframe_split' });
  const uneven = data.findIndex((cells) => cells.length !== names.length);
  if (uneven >= 0)
    throw invalid(`${names.length} cells in each row of data; got ${data[uneven]?.length} in row ${uneven}`);
  return data.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index]])));
}

function rowsOfColumns(value: Readonly<Record<string, unknown>>, form: string): readonly unknown[] {
  const lists = Object.entries(value).map(([name, cells]) => [name, Array.isArray(cells) ? cells : [cells]] as const);
  const count = lists[0]?.[1].length ?? 0;
  const uneven = lists.find(([, cells]) => cells.length !== count);
  if (uneven !== undefined)
    throw invalid(`as many values in each column of ${form}; got ${uneven[1].length} of ${uneven[0]}`);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(lists.map(([name, cells]) => [name, cells[row]])),
  );
}

/** The rows of a CSV file with a header. A text that is no value of its column stays a text, which the contract refuses. */
export function rowsOfCsv(bytes: Uint8Array, contract: Contract): readonly unknown[] {
  const { header = [], records: lines } = readCsv(bytes, { delimiterOf: () => ',' });
  return lines.map(({ line, cells, fault }) => {
    if (fault !== undefined || cells.length !== header.length)
      throw invalid(`${header.length} cells on line ${line} of the CSV; got ${cells.length}`);
    return Object.fromEntries(
      header.map((name, index) => {
        const text = cells[index] ?? '';
        const column = contract.columns[name];
        const value = text === '' ? null : column === undefined ? text : (maybeValue(column.kind, text) ?? text);
        return [name, value];
      }),
    );
  });
}

function parsed<T extends z.ZodType>(schema: T, { value, form }: { readonly value: unknown; readonly form: string }) {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(`${form} as MLflow writes it: ${z.prettifyError(result.error)}`);
}

function invalid(expected: string): ServerError {
  return new ServerError('request_invalid', `Expected ${expected}.`);
}
