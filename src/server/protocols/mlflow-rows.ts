import { z } from 'zod';
import { type Contract, maybeValue, readCsv } from '#contracts';
import { ServerError } from '../errors.ts';
import { assertRowCount } from '../predictions/read-rows.ts';

const table = z.strictObject({
  index: z.array(z.unknown()).optional(),
  columns: z.array(z.string()),
  data: z.array(z.array(z.unknown())),
});
const records = z.array(z.record(z.string(), z.unknown()));
const columns = z.record(z.string(), z.unknown());

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
/** Parameters of a model, of which no model here has any. */
const PARAMS = 'params';

/** The rows of a body of MLflow's scoring protocol, in whichever of its forms they are. */
export function rowsOfJson(body: unknown, rowsMax: number): readonly unknown[] {
  const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const forms = FORMS.filter((form) => Object.hasOwn(given, form));
  const [form] = forms;
  if (form === undefined || forms.length > 1)
    throw invalid(`exactly one of ${FORMS.join(', ')}; got ${forms.join(' and ') || 'none'}`);
  // The field was just found to be there.
  const { [form]: value, [PARAMS]: params, ...others } = given as Record<string, unknown>;
  assertNothingElse(form, { params, others });
  if (form === 'dataframe_split') return rowsOfTable(value, rowsMax);
  if (form !== 'dataframe_records' && !Array.isArray(value))
    return rowsOfColumns(parsed(columns, { value, form }), { form, rowsMax });
  if (Array.isArray(value)) assertRowCount(value.length, rowsMax);
  return parsed(records, { value, form });
}

function assertNothingElse(
  form: string,
  { params, others }: { readonly params: unknown; readonly others: Readonly<Record<string, unknown>> },
): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`nothing beside ${form}; got ${JSON.stringify(other.slice(0, 80))}`);
  const isEmpty = params == null || (typeof params === 'object' && Object.keys(params).length === 0);
  if (!isEmpty) throw invalid(`no params, because models here take none; got ${JSON.stringify(params).slice(0, 80)}`);
}

function rowsOfTable(value: unknown, rowsMax: number): readonly unknown[] {
  const { columns: names, data } = parsed(table, { value, form: 'dataframe_split' });
  assertRowCount(data.length, rowsMax);
  assertEachOnce(names);
  const uneven = data.findIndex((cells) => cells.length !== names.length);
  if (uneven >= 0)
    throw unfit(`${names.length} cells in each row of data; got ${data[uneven]?.length} in row ${uneven}`);
  return data.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index]])));
}

function assertEachOnce(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw unfit(`each column once; got ${JSON.stringify(name.slice(0, 80))} twice`);
    seen.add(name);
  }
}

function rowsOfColumns(
  value: Readonly<Record<string, unknown>>,
  { form, rowsMax }: { readonly form: string; readonly rowsMax: number },
): readonly unknown[] {
  const lists = Object.entries(value).map(([name, cells]) => [name, Array.isArray(cells) ? cells : [cells]] as const);
  const count = lists[0]?.[1].length ?? 0;
  assertRowCount(count, rowsMax);
  const uneven = lists.find(([, cells]) => cells.length !== count);
  if (uneven !== undefined)
    throw unfit(`as many values in each column of ${form}; got ${uneven[1].length} of ${uneven[0]}`);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(lists.map(([name, cells]) => [name, cells[row]])),
  );
}

/** The rows of a CSV file with a header. A text that is no value of its column stays a text, which the contract refuses. */
export function rowsOfCsv(
  bytes: Uint8Array,
  { contract, rowsMax }: { readonly contract: Contract; readonly rowsMax: number },
): readonly unknown[] {
  const { header = [], records: lines } = readCsv(bytes, { delimiterOf: () => ',' });
  assertEachOnce(header);
  assertRowCount(lines.length, rowsMax);
  return lines.map(({ line, cells, fault }) => {
    if (fault !== undefined || cells.length !== header.length)
      throw unfit(`${header.length} cells on line ${line} of the CSV; got ${cells.length}`);
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

/** Of the right form, but no rows. */
function unfit(expected: string): ServerError {
  return new ServerError('rows_invalid', `Expected ${expected}. Nothing was predicted.`);
}

function invalid(expected: string): ServerError {
  return new ServerError('request_invalid', `Expected ${expected}.`);
}
