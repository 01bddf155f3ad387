import type { DuckdbPool } from '#store';
import type { SqlNames } from '../../../src/contracts/contract.ts';
import { maybeConstantSql, maybeValue } from '../../../src/contracts/kinds/cell-value.ts';
import { typedSql } from '../../../src/contracts/kinds/typed-sql.ts';
import type { Row } from '../../../src/contracts/rules/row.ts';
import type { KeyRule, Rule } from '../../../src/contracts/rules/rule.ts';
import { maybeRowKey, maybeRowTest } from '../../../src/contracts/rules/to-row-test.ts';
import { toSql } from '../../../src/contracts/rules/to-sql.ts';
import { identifier, literal } from '../../../src/contracts/sql.ts';
import { type Cells, COLUMNS, kindOf } from './random-rules.ts';

const NAMES: SqlNames = {
  table: 'typed',
  typed: identifier,
  raw: (name) => identifier(`raw_${name}`),
  typedAs: (name, kind) => typedSql(kind, identifier(`raw_${name}`)),
  constant: (name, value) => maybeConstantSql(kindOf(name), value),
};

/** Which rows violate each rule, as the SQL of DuckDB finds it. */
export async function foundByDuckdb(
  duckdb: DuckdbPool,
  rules: readonly Rule[],
  rows: readonly Cells[],
): Promise<readonly (readonly boolean[])[]> {
  const values = rows.map((cells, row) => {
    return `(${[row, ...COLUMNS.map((name) => literalOf(cells[name] ?? null))].join(', ')})`;
  });
  const raw = COLUMNS.map((name) => identifier(`raw_${name}`)).join(', ');
  const typed = COLUMNS.map((name) => `${typedSql(kindOf(name), identifier(`raw_${name}`))} as ${identifier(name)}`);
  const asked = rules.map((rule, at) => {
    const sql = toSql(rule, NAMES);
    if (rule.over !== 'key') return `coalesce(try(coalesce((${sql})::boolean, false)), true) as v${at}`;
    return `${sql} is not null and row_number() over (partition by ${sql} order by weir_row) > 1 as v${at}`;
  });
  const from = `select *, ${typed.join(', ')} from (values ${values.join(', ')}) texts(weir_row, ${raw})`;
  const found = await duckdb.use((connection) =>
    connection.all<Readonly<Record<string, boolean>>>(
      `select ${asked.join(', ')} from (${from}) typed order by weir_row`,
    ),
  );
  return rules.map((_, at) => found.map((row) => row[`v${at}`] === true));
}

const literalOf = (text: string | null): string => (text === null ? 'null::varchar' : literal(text));

function rowOf(cells: Cells): Row {
  return {
    text: (name) => cells[name] ?? null,
    value: (name) => {
      const text = cells[name] ?? null;
      return text === null ? null : (maybeValue(kindOf(name), text) ?? null);
    },
  };
}

/** Which rows violate a rule, as rows in TypeScript find it; undefined for a rule that only a database decides. */
export function foundByRows(rule: Rule, rows: readonly Cells[]): readonly boolean[] | undefined {
  if (rule.over === 'key') return repeatsOf(rule, rows);
  const isViolated = maybeRowTest(rule, kindOf);
  return isViolated && rows.map((cells) => isViolated(rowOf(cells)));
}

function repeatsOf(rule: KeyRule, rows: readonly Cells[]): readonly boolean[] | undefined {
  const keyOf = maybeRowKey(rule, kindOf);
  const seen = new Set<string>();
  return (
    keyOf &&
    rows.map((cells) => {
      const key = keyOf(rowOf(cells));
      if (key === undefined || !seen.has(key)) {
        if (key !== undefined) seen.add(key);
        return false;
      }
      return true;
    })
  );
}
