import type { Duckdb } from '#store';
import { readCsv } from '../check/compile.ts';
import { type HeaderMatch, matchHeader } from '../check/header.ts';
import { typedSql } from '../check/typed-sql.ts';
import type { ColumnKind, Contract } from '../contract.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { type ParquetColumn, parquetColumns, textSql } from '../scan/scan-parquet.ts';
import { digestOf } from '../scan/source.ts';
import { identifier, literal } from '../sql.ts';

/** What a profile is made of, as SQL. */
export interface ProfileSource {
  /** What to select from. */
  readonly from: string;
  readonly columns: readonly SourceColumn[];
  /** Of what is quick to read again no typed copy is made; it numbers its rows by this column. */
  readonly rowNumber?: string;
  readonly rows: number;
  readonly rejected: number;
  readonly facts: Promise<{ readonly digest: string; readonly sizeBytes: number }>;
}

export interface SourceColumn {
  readonly name: string;
  /** Its cells as texts, null where they are empty. */
  readonly text: string;
  /** What the file says it holds; absent where it holds texts. */
  readonly native?: { readonly kind: ColumnKind; readonly value: string } | undefined;
}

/** SQL for the values of a column, as values of the kind; null where a cell is none. */
export const valueSql = ({ text, native }: SourceColumn, kind: ColumnKind): string =>
  native?.kind === kind ? native.value : typedSql(kind, text);

/** A file of texts, by the canonical copy that its scan left. */
export function sourceOfTexts(
  scan: Scan,
  contract: Contract | undefined,
  delimiter: Contract['delimiter'],
): ProfileSource {
  const header = headerOf(contract, namesOf(scan.header ?? []));
  const { recordBytesLongest, files, records: rows, rejected } = scan;
  const from = readCsv({ delimiter }, { header, file: files.canonical, recordBytesLongest });
  const columns = header.names.map((name, position) => ({ name, text: identifier(`weir_raw_${position}`) }));
  return { from, columns, rows, rejected, facts: Promise.resolve(scan.source) };
}

/** A Parquet file: what it has types for is taken as it is, at a fifth of what texts cost. */
export async function sourceOfParquet(
  connection: Duckdb,
  { copy, contract }: { readonly copy: string; readonly contract: Contract | undefined },
): Promise<ProfileSource> {
  const facts = digestOf(copy);
  // Whoever asks for them hears of the error.
  facts.catch(() => undefined);
  const described = await describe(connection, `read_parquet(${literal(copy)})`);
  const { names } = headerOf(contract, namesOf(described.columns.map(({ column_name: name }) => name)));
  const columns = described.columns.map((column, position) => toColumn(names[position] ?? '', column));
  const from = `read_parquet(${literal(copy)}, file_row_number = true)`;
  return { from, columns, rowNumber: 'file_row_number', rows: described.rows, rejected: 0, facts };
}

async function describe(connection: Duckdb, from: string) {
  const columns = await parquetColumns(connection, from);
  const [counted] = await connection.all<{ rows: number }>(`select count(*) as rows from ${from}`);
  return { columns, rows: counted?.rows ?? 0 };
}

const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/;
const FRACTION = /^(FLOAT|DOUBLE|U?HUGEINT|DECIMAL.*)$/;
const SAFE = Number.MAX_SAFE_INTEGER;

function toColumn(name: string, column: ParquetColumn): SourceColumn {
  const text = textSql(column);
  // An empty text is a missing value, as it is in every other format.
  if (column.column_type === 'VARCHAR') return { name, text: `nullif(${text}, '')` };
  return { name, text, native: nativeOf(identifier(column.column_name), column.column_type) };
}

function nativeOf(cell: string, type: string): SourceColumn['native'] {
  if (WHOLE.test(type))
    return { kind: 'integer', value: `case when ${cell} between -${SAFE} and ${SAFE} then ${cell}::bigint end` };
  if (FRACTION.test(type))
    return { kind: 'number', value: `case when isfinite(${cell}::double) then ${cell}::double end` };
  if (type === 'BOOLEAN') return { kind: 'boolean', value: cell };
  if (type === 'DATE') return { kind: 'date', value: `case when isfinite(${cell}) then ${cell} end` };
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return { kind: 'timestamp', value: `case when isfinite(${cell}) then ${cell} end` };
  if (type === 'TIMESTAMP')
    return { kind: 'timestamp', value: `case when isfinite(${cell}) then make_timestamptz(epoch_us(${cell})) end` };
  return undefined;
}

function headerOf(contract: Contract | undefined, names: readonly string[]): HeaderMatch {
  if (contract !== undefined) return matchHeader(contract, names);
  const none = { missing: [], extra: [], repeated: [], respelled: [], delimiterHint: undefined };
  return { names, positions: new Map(), ...none };
}

/** Names to call columns by, also where the file gives none or the same one twice. */
function namesOf(header: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return header.map((given, index) => {
    const name = given.trim() === '' ? `column ${index + 1}` : given;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
