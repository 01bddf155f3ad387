import path from 'node:path';
import { type DuckdbPool, duckdbEngine, type SqlEngine } from '#store';
import type { OtherDataset } from '../check/other-datasets.ts';
import type { ColumnKind, Contract, NamesThere } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { KeysThere } from '../rules/rule.ts';
import { sparkIdentifier } from '../spark/spark-text.ts';
import { typedSparkSql } from '../spark/typed-spark-sql.ts';
import { rawName } from './set-columns.ts';

interface Given {
  readonly contract: Contract;
  readonly others: readonly OtherDataset[];
  /** A folder that the engine sees too. */
  readonly folder: string;
  readonly duckdb: DuckdbPool;
}

/** Gives the engine the other datasets that a contract names, and says what they are called there. */
export async function viewReferences(
  engine: SqlEngine,
  { contract, others, folder, duckdb }: Given,
): Promise<NamesThere> {
  for (const [index, { names = [], from }] of others.entries()) {
    if (names.length === 0) continue;
    const file = path.join(folder, `there-${index}.parquet`);
    await duckdb.use((connection) => duckdbEngine(connection).writeParquet(`select * from ${from}`, file));
    await engine.viewParquet(viewName(index), {
      paths: [file],
      columns: names.map((_, position) => rawName(position)),
    });
  }
  const placeOf = (dataset: string): number => others.findIndex((other) => other.dataset === dataset);
  return {
    keys: (rule, columns) => {
      const kinds = columns.map((column): ColumnKind => contract.columns[column]?.kind ?? 'text');
      return keysOf(rule, { other: others[placeOf(rule.dataset)], view: viewName(placeOf(rule.dataset)), kinds });
    },
    table: (dataset) => {
      const { names = [] } = others[placeOf(dataset)] ?? {};
      const columns = names.map((name, position) => `${rawName(position)} as ${sparkIdentifier(name)}`);
      return names.length === 0
        ? '(select 1 where false)'
        : `(select ${columns.join(', ')} from ${viewName(placeOf(dataset))})`;
    },
    rows: (dataset) => String(others[placeOf(dataset)]?.rows ?? 0),
  };
}

const viewName = (index: number): string => `weir_there_${index}`;

interface Keys {
  readonly other: OtherDataset | undefined;
  readonly view: string;
  readonly kinds: readonly ColumnKind[];
}

function keysOf({ dataset, there }: KeysThere, { other, view, kinds }: Keys): string {
  const { names } = other ?? {};
  if (names === undefined) return `(select ${kinds.map((_, index) => `null as k${index}`).join(', ')} where false)`;
  const values = there.map((column, index) => {
    const position = names.indexOf(column);
    if (position >= 0) return `${typedSparkSql(kinds[index] ?? 'text', rawName(position))} as k${index}`;
    throw new ContractError(
      'reference_missing',
      `Expected the column "${column}" in the dataset "${dataset}"; it has ${names.join(', ')}. Correct columnsThere, or give another file.`,
    );
  });
  const isWhole = kinds.map((_, index) => `k${index} is not null`).join(' and ');
  return `(select distinct * from (select ${values.join(', ')} from ${view}) where ${isWhole})`;
}
