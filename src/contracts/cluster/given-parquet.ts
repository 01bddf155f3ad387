import { realpath } from 'node:fs/promises';
import { isStoreError, type SqlEngine, type SqlWork } from '#store';
import { ContractError } from '../errors.ts';
import { FILE, ROW } from '../spark/spark-dialect.ts';
import { sparkIdentifier, sparkLiteral } from '../spark/spark-text.ts';
import { rawName, SOURCE } from './set-columns.ts';

const GIVEN = 'weir_given';
const PLACED = ['*', '_metadata.file_path as weir_path', `_metadata.row_index as ${ROW}`];

/** Parquet files that an engine reads as they are. */
export interface GivenParquet {
  /** Names of their columns. */
  readonly names: readonly string[];
  /** Rows of each file. */
  readonly rows: readonly number[];
}

/** Whether the engine tells the file and the number of each row of Parquet; Spark does from 3.5 on. */
export async function numbersRows(engine: SqlEngine, paths: readonly string[]): Promise<boolean> {
  try {
    await engine.viewParquet(GIVEN, { paths, columns: PLACED });
    await engine.describe(`select * from ${GIVEN}`);
    return true;
  } catch (error) {
    if (isStoreError(error, 'engine_statement')) return false;
    throw error;
  }
}

/** Makes `weir_source` of Parquet files that were found to be numbered: their cells as texts, with their places. */
export async function viewGivenParquet(
  engine: SqlEngine,
  paths: readonly string[],
  work: SqlWork,
): Promise<GivenParquet> {
  const columns = (await engine.describe(`select * from ${GIVEN}`)).slice(0, -2);
  const counted = await engine.all<{ readonly weir_path: string; readonly n: number }>(
    `select weir_path, count(*) as n from ${GIVEN} group by weir_path`,
    work,
  );
  const own = await Promise.all(paths.map((path) => realpath(path)));
  const rowsOf = new Map(counted.map(({ weir_path, n }) => [localPath(weir_path), { path: weir_path, n }]));
  const unknown = counted.find(({ weir_path }) => !own.includes(localPath(weir_path)));
  if (unknown !== undefined) {
    throw new ContractError(
      'engine_unsuited',
      `Expected Spark to read ${own[0]} and the files beside it; it read ${unknown.weir_path}. Name the files by a path that is the same on all machines.`,
    );
  }
  const places = own.flatMap((path, index) => {
    const found = rowsOf.get(path);
    return found === undefined ? [] : [`(${sparkLiteral(found.path)}, ${index})`];
  });
  const texts = columns.map(({ name, type }, position) => `${textSql(name, type)} as ${rawName(position)}`);
  const from = `${GIVEN} join (values ${places.join(', ')}) weir_places(weir_known, ${FILE}) on weir_path = weir_known`;
  await engine.run(`create or replace temp view ${SOURCE} as select ${[FILE, ROW, ...texts].join(', ')} from ${from}`);
  return { names: columns.map(({ name }) => name), rows: own.map((path) => rowsOf.get(path)?.n ?? 0) };
}

/** Spark names files as addresses, in which some characters are escaped. */
function localPath(address: string): string {
  return decodeURIComponent(address.replace(/^file:\/*/, '/'));
}

const NESTED = /^(struct|array|map|variant)/;

/** The text of a cell, as a file of texts would have it. */
function textSql(name: string, type: string): string {
  const value = `${GIVEN}.${sparkIdentifier(name)}`;
  if (type === 'timestamp') return `date_format(${value}, ${sparkLiteral("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")})`;
  if (NESTED.test(type)) return `to_json(${value})`;
  if (type === 'binary') {
    throw new ContractError(
      'engine_unsuited',
      `Expected columns with texts, numbers, truths, times or lists; the column "${name}" has bytes. Leave it out.`,
    );
  }
  return `cast(${value} as string)`;
}
