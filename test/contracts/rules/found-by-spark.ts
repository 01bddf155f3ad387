import type { SqlNames } from '../../../src/contracts/contract.ts';
import type { Rule } from '../../../src/contracts/rules/rule.ts';
import { toSql } from '../../../src/contracts/rules/to-sql.ts';
import { SPARK } from '../../../src/contracts/spark/spark-dialect.ts';
import { sparkIdentifier, sparkLiteral } from '../../../src/contracts/spark/spark-text.ts';
import { maybeSparkConstant, typedSparkSql } from '../../../src/contracts/spark/typed-spark-sql.ts';
import type { SqlEngine } from '../../../src/store/engines/sql-engine.ts';
import { type Cells, COLUMNS, kindOf } from './random-rules.ts';

const rawOf = (name: string): string => sparkIdentifier(`raw_${name}`);

const NAMES: SqlNames = {
  table: 'typed',
  typed: sparkIdentifier,
  raw: rawOf,
  typedAs: (name, kind) => typedSparkSql(kind, rawOf(name)),
  constant: (name, value) => maybeSparkConstant(kindOf(name), value),
};

/** Which rows violate each rule, as the SQL of Spark finds it. */
export async function foundBySpark(
  engine: SqlEngine,
  rules: readonly Rule[],
  rows: readonly Cells[],
): Promise<readonly (readonly boolean[])[]> {
  const values = rows.map((cells, row) => {
    return `(${[row, ...COLUMNS.map((name) => literalOf(cells[name] ?? null))].join(', ')})`;
  });
  const raw = COLUMNS.map(rawOf).join(', ');
  const typed = COLUMNS.map((name) => `${typedSparkSql(kindOf(name), rawOf(name))} as ${sparkIdentifier(name)}`);
  const asked = rules.map((rule, at) => {
    const sql = toSql(rule, NAMES, SPARK);
    return rule.over === 'key' ? `${sql} as v${at}` : `coalesce(${sql}, false) as v${at}`;
  });
  const from = `select *, ${typed.join(', ')} from (values ${values.join(', ')}) texts(weir_row, ${raw})`;
  await engine.run(
    `create or replace temp view weir_asked as select weir_row, ${asked.join(', ')} from (${from}) typed`,
  );
  const found = await engine.all<Readonly<Record<string, boolean>>>(
    `select ${rules.map((rule, at) => (rule.over === 'key' ? repeatsOf(`v${at}`) : `v${at}`)).join(', ')} from weir_asked order by weir_row`,
  );
  return rules.map((_, at) => found.map((row) => row[`v${at}`] === true));
}

const literalOf = (text: string | null): string => (text === null ? 'cast(null as string)' : sparkLiteral(text));

const repeatsOf = (key: string): string =>
  `${key} is not null and row_number() over (partition by ${key} order by weir_row) > 1 as ${key}`;
