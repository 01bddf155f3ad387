import type { Duckdb, DuckdbPool } from '#store';
import type { Contract } from '../contract.ts';
import { identifier } from '../sql.ts';
import { idSql, rawColumn, readable } from './good-file.ts';

/** What is different between two datasets, by the ids of their rows. */
export interface ComparedRows {
  readonly added: number;
  readonly removed: number;
  /** Ids in both whose rows differ in a column that both have. */
  readonly changed: number;
}

interface Comparing {
  readonly contract: Contract;
  /** Datasets as `collectRows` wrote them. */
  readonly before: string;
  readonly after: string;
}

/** Compares two datasets of one contract. */
export async function compareRows({ duckdb, ...comparing }: Comparing & { readonly duckdb: DuckdbPool }) {
  return duckdb.use((connection) => compareFiles(connection, comparing));
}

/** The same, over a connection that is open. */
export async function compareFiles(connection: Duckdb, { contract, before, after }: Comparing): Promise<ComparedRows> {
  const [one, two] = [await readable(contract, before), await readable(contract, after)];
  const names = Object.keys(contract.columns).filter((name) => one.positions.has(name) && two.positions.has(name));
  const select = ({ source, positions }: typeof one): string =>
    `select ${idSql(contract, positions)} as weir_id, ${names.map((name) => `${rawColumn(positions.get(name) ?? 0)} as ${identifier(name)}`).join(', ')} from ${source}`;
  const differs = names.map((name) => `a.${identifier(name)} is distinct from b.${identifier(name)}`);
  const [found] = await connection.all<ComparedRows>(
    `select count(*) filter (b.weir_id is null)::integer as added,
            count(*) filter (a.weir_id is null)::integer as removed,
            count(*) filter (a.weir_id = b.weir_id and (${differs.join(' or ')}))::integer as changed
       from (${select(two)}) a full join (${select(one)}) b on a.weir_id = b.weir_id`,
  );
  return found ?? { added: 0, removed: 0, changed: 0 };
}
