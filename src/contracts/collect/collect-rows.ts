import type { Duckdb, DuckdbPool } from '#store';
import { columnWithRole, maybeColumnWithRole } from '../column-with-role.ts';
import type { Contract } from '../contract.ts';
import { typedSql } from '../kinds/typed-sql.ts';
import { identifier, literal } from '../sql.ts';
import { compareFiles } from './compare-rows.ts';
import { idSql, rawColumn, readable } from './good-file.ts';

/** A file of good rows, as `checkFile` leaves them. */
export interface CollectedPart {
  readonly file: string;
  /** That of the contract when absent. */
  readonly delimiter?: Contract['delimiter'];
  /** Rows whose time is before this are left out, where the contract has a column with role `time`. */
  readonly since?: Date;
}

export interface CollectRowsOptions {
  /**
   * In order: of rows with one id the one of the last part counts, and in a part the last one. When that one has no label,
   * it has the label of the row before it.
   */
  readonly parts: readonly CollectedPart[];
  readonly contract: Contract;
  /** CSV with the columns `id` and `value`: labels that came apart from their rows. They replace those in the parts. */
  readonly labels?: string;
  /** Where the dataset is written, as CSV with the contract's columns and delimiter, in the order of ids. */
  readonly into: string;
  /** The dataset to compare with. */
  readonly previous?: string;
  readonly duckdb: DuckdbPool;
  readonly signal?: AbortSignal;
}

/** What a dataset holds, in rows. */
export interface CollectedRows {
  readonly rows: number;
  /** Left out, because nobody knows their label yet. */
  readonly unlabelled: number;
  /** Left out, because a later row has the same id. */
  readonly replaced: number;
  /** Labels that came apart from their rows and stand in the dataset. */
  readonly labelled: number;
  /** Ids that the previous dataset does not have; all rows when there is none. */
  readonly added: number;
  readonly removed: number;
  /** Ids in both whose rows differ. */
  readonly changed: number;
  /** Rows of each part that stand in the dataset. */
  readonly parts: readonly number[];
}

const ROWS = 'weir_collected';
const LATEST = 'weir_latest';

/**
 * Joins good rows of many files into one dataset: each id once, each row with a label. The same rows give the same bytes,
 * in whatever parts they came.
 */
export async function collectRows(options: CollectRowsOptions): Promise<CollectedRows> {
  const { duckdb, signal } = options;
  return duckdb.use((connection) => collect(connection, options), signal === undefined ? {} : { signal });
}

async function collect(connection: Duckdb, options: CollectRowsOptions): Promise<CollectedRows> {
  const { contract, parts, labels, into, previous } = options;
  const names = Object.keys(contract.columns);
  const columns = names.map((name) => `${identifier(name)} varchar`);
  await connection.run(
    `create or replace temp table ${ROWS} (${[...columns, 'weir_id varchar', 'weir_part integer'].join(', ')})`,
  );
  for (const [index, part] of parts.entries()) await connection.run(await insertSql(contract, { part, index }));
  const label = identifier(columnWithRole(contract, 'label'));
  const labelTable = labels === undefined ? 'null::varchar' : 'weir_labels.value';
  const join =
    labels === undefined
      ? ''
      : `left join read_csv(${literal(labels)}, header = true, columns = {'id': 'VARCHAR', 'value': 'VARCHAR'}) as weir_labels on weir_labels.id = ${ROWS}.weir_id`;
  await connection.run(
    `create or replace temp table ${LATEST} as
     select ${ROWS}.* replace (coalesce(${labelTable}, first_value(${label} ignore nulls) over newest) as ${label}),
            ${labelTable} is not null as weir_labelled
       from ${ROWS} ${join}
     window newest as (partition by weir_id order by weir_part desc, ${ROWS}.rowid desc
                       rows between unbounded preceding and unbounded following)
    qualify row_number() over newest = 1`,
  );
  const selected = `select ${names.map(identifier).join(', ')} from ${LATEST} where ${label} is not null`;
  await connection.run(
    `copy (${selected} order by weir_id) to ${literal(into)} (format csv, header, delimiter ${literal(contract.delimiter)}, nullstr '')`,
  );
  const [counts] = await connection.all<Omit<CollectedRows, 'parts' | 'added' | 'removed' | 'changed'>>(
    `select count(*) filter (${label} is not null)::integer as rows,
            count(*) filter (${label} is null)::integer as unlabelled,
            ((select count(*) from ${ROWS}) - count(*))::integer as replaced,
            count(*) filter (weir_labelled)::integer as labelled from ${LATEST}`,
  );
  const byPart = await connection.all<{ part: number; rows: number }>(
    `select weir_part as part, count(*)::integer as rows from ${LATEST} where ${label} is not null group by weir_part`,
  );
  const found = new Map(byPart.map(({ part, rows }) => [part, rows]));
  return {
    ...(counts ?? { rows: 0, unlabelled: 0, replaced: 0, labelled: 0 }),
    ...(previous === undefined
      ? { added: counts?.rows ?? 0, removed: 0, changed: 0 }
      : await compareFiles(connection, { contract, before: previous, after: into })),
    parts: parts.map((_, index) => found.get(index) ?? 0),
  };
}

async function insertSql(
  contract: Contract,
  { part, index }: { readonly part: CollectedPart; readonly index: number },
): Promise<string> {
  const { source, positions } = await readable(
    { ...contract, ...(part.delimiter && { delimiter: part.delimiter }) },
    part.file,
  );
  const selected = Object.keys(contract.columns).map((name) => {
    const position = positions.get(name);
    return position === undefined ? 'null' : rawColumn(position);
  });
  const time = maybeColumnWithRole(contract, 'time');
  const position = time === undefined ? undefined : positions.get(time);
  const kind = time === undefined ? undefined : contract.columns[time]?.kind;
  const where =
    part.since === undefined || position === undefined || kind === undefined
      ? ''
      : ` where ${typedSql(kind, rawColumn(position))} >= ${literal(part.since.toISOString())}::timestamptz`;
  return `insert into ${ROWS} select ${selected.join(', ')}, ${idSql(contract, positions)}, ${index} from ${source}${where}`;
}
