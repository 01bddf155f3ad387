import type { Duckdb } from '#store';
import { readCsv } from '../check/compile.ts';
import { type HeaderMatch, matchHeader } from '../check/match-header.ts';
import type { ColumnKind, Contract } from '../contract.ts';
import { isDecimal } from '../kinds/decimal.ts';
import { typedSql } from '../kinds/typed-sql.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { type ParquetColumn, parquetColumns, textSql } from '../scan/scan-parquet.ts';
import { digestOf } from '../scan/source.ts';
import { identifier, literal } from '../sql.ts';

/** The source of a profile, as SQL. */
export interface ProfileSource {
  /** What to select from. */
  readonly from: string;
  readonly columns: readonly SourceColumn[];
  /** Set when the source is fast to read again, so that no typed copy is created; the column that numbers its rows. */
  readonly rowNumber?: string;
  readonly rows: number;
  readonly rejected: number;
  readonly facts: Promise<{ readonly digest: string; readonly sizeBytes: number }>;
}

export interface SourceColumn {
  readonly name: string;
  /** Its name in the file. */
  readonly header: string;
  /** Its cells as texts, null where they are empty. */
  readonly text: string;
  /** Its type in the file; absent for texts. */
  readonly native?: NativeColumn | undefined;
}

export interface NativeColumn {
  readonly kind: ColumnKind;
  readonly value: string;
  /** True of a cell that holds what no cell of the kind can hold; absent where the type has no such values. */
  readonly misfit?: string;
}

const MICROSECONDS_PER_HOUR = 3.6e9;

/**
 * SQL for the values of a column, as values of the kind; null where a cell is none. Decimals are the nearest doubles, times
 * and durations hours: a profile tells how values are distributed, and no cell of them.
 */
export function valueSql({ text, native }: SourceColumn, kind: ColumnKind): string {
  if (native?.kind === kind) return native.value;
  const value = typedSql(kind, text);
  if (isDecimal(kind)) return `(${value})::double`;
  return kind === 'time' || kind === 'duration' ? `epoch_us(${value}) / ${MICROSECONDS_PER_HOUR}` : value;
}

/** A file of texts, by the canonical copy that its scan left. */
export function sourceOfTexts(
  scan: Scan,
  contract: Contract | undefined,
  delimiter: Contract['delimiter'],
): ProfileSource {
  const given = scan.header ?? [];
  const header = headerOf(contract, given);
  const { recordBytesLongest, files, records: rows, rejected } = scan;
  const from = readCsv({ delimiter }, { header, file: files.canonical, recordBytesLongest });
  const columns = namedColumns(contract, given).map((column, position) => {
    return { ...column, text: identifier(`weir_raw_${position}`) };
  });
  return { from, columns, rows, rejected, facts: Promise.resolve(scan.source) };
}

/** The columns of a file, by its own names. */
export function namedColumns(
  contract: Contract | undefined,
  header: readonly string[],
): readonly Pick<SourceColumn, 'name' | 'header'>[] {
  return headerOf(contract, header).names.map((name, position) => ({ name, header: header[position] ?? '' }));
}

/** A Parquet file: typed columns are used as they are, at a fifth of the cost of texts. */
export async function sourceOfParquet(
  connection: Duckdb,
  { copy, contract }: { readonly copy: string; readonly contract: Contract | undefined },
): Promise<ProfileSource> {
  const facts = digestOf(copy);
  // A caller that awaits them gets the error.
  facts.catch(() => undefined);
  const described = await describe(connection, `read_parquet(${literal(copy)})`);
  const given = described.columns.map(({ column_name: name }) => name);
  const { names } = headerOf(contract, given);
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
  const header = column.column_name;
  if (column.column_type === 'VARCHAR') return { name, header, text: `nullif(${text}, '')` };
  return { name, header, text, native: nativeOf(identifier(header), column.column_type) };
}

function nativeOf(cell: string, type: string): NativeColumn | undefined {
  if (WHOLE.test(type))
    return { kind: 'integer', value: `case when ${cell} between -${SAFE} and ${SAFE} then ${cell}::bigint end` };
  if (FRACTION.test(type)) {
    const finiteness = `isfinite(${cell}::double)`;
    return { kind: 'number', value: `case when ${finiteness} then ${cell}::double end`, misfit: `not ${finiteness}` };
  }
  if (type === 'BOOLEAN') return { kind: 'boolean', value: cell };
  // Infinity lies outside of the years too.
  const misfit = `${cell} not between '0001-01-01'::${type} and '9999-12-31${type === 'DATE' ? '' : ' 23:59:59.999999'}'::${type}`;
  const finite = (value: string): string => `case when isfinite(${cell}) then ${value} end`;
  if (type === 'DATE') return { kind: 'date', value: finite(cell), misfit };
  if (type === 'TIMESTAMP WITH TIME ZONE') return { kind: 'timestamp', value: finite(cell), misfit };
  if (type === 'TIMESTAMP') return { kind: 'timestamp', value: finite(`make_timestamptz(epoch_us(${cell}))`), misfit };
  return undefined;
}

function headerOf(contract: Contract | undefined, header: readonly string[]): HeaderMatch {
  if (contract !== undefined) {
    const match = matchHeader(contract, header);
    return { ...match, names: namesApart(match.names) };
  }
  const none = { missing: [], extra: [], repeated: [], respelled: [] };
  return { names: namesApart(header), positions: new Map(), ...none };
}

/** Names to call columns by, also where the file gives none or the same one twice. */
function namesApart(header: readonly string[]): readonly string[] {
  const given = new Set(header);
  const seen = new Set<string>();
  // Where counting continues: a file may have one name a million times.
  const numbers = new Map<string, number>();
  return header.map((called, index) => {
    const name = called.trim() === '' ? `column ${index + 1}` : called;
    let unique = name;
    let number = numbers.get(name) ?? 2;
    for (; seen.has(unique) || (unique !== called && given.has(unique)); number++) unique = `${name} (${number})`;
    numbers.set(name, number);
    seen.add(unique);
    return unique;
  });
}
