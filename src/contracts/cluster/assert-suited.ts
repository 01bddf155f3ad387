import { isStoreError, type SqlEngine } from '#store';
import type { Flag } from '../check/flags.ts';
import type { Placed } from '../check/placed-expectations.ts';
import { sqlIn } from '../check/used-columns.ts';
import type { SqlNames } from '../contract.ts';
import { ContractError } from '../errors.ts';
import type { Rule } from '../rules/rule.ts';
import { toSql } from '../rules/to-sql.ts';
import { SPARK } from '../spark/spark-dialect.ts';
import { ROWS } from './set-columns.ts';
import { ruleOf } from './set-flags.ts';

interface Asked {
  readonly flags: readonly Flag[];
  readonly tables: readonly Placed[];
  readonly names: SqlNames;
}

/**
 * Refuses before any row is read what the engine cannot be asked: rules that no database decides, and SQL that people wrote
 * and that the engine does not parse, or reads as something else.
 */
export async function assertSuited(engine: SqlEngine, { flags, tables, names }: Asked): Promise<void> {
  for (const placed of [...flags, ...tables]) {
    const rule = ruleOf(placed);
    const written = sqlIn(rule);
    if (rule.over === 'header') continue;
    const sql = toSql(rule, names, SPARK);
    if (written.length === 0) continue;
    if (written.some((text) => text.includes('"'))) await assertQuotesNames(engine, placed);
    await engine.describe(queryOf(rule, sql)).catch((cause: unknown) => {
      if (!isStoreError(cause, 'engine_statement')) throw cause;
      throw new ContractError(
        'engine_unsuited',
        `Expected SQL that Spark reads in the expectation "${placed.expectation.name}". ${cause.message} Write it so that both read it, or check without --engine spark.`,
        { cause },
      );
    });
  }
}

function queryOf(rule: Rule, sql: string): string {
  if (rule.over === 'table' || (rule.over === 'sql' && rule.of === 'table')) return sql;
  return rule.over === 'key' ? `select ${sql} as weir_key from ${ROWS}` : `select 1 from ${ROWS} where ${sql}`;
}

/** Where what stands in double quotes is a text, a condition would compare the name of its column. */
async function assertQuotesNames(engine: SqlEngine, { expectation }: Pick<Placed, 'expectation'>): Promise<void> {
  const [column] = await engine.describe('select "weir_one" as weir_read from (select 1 as weir_one)');
  if (column?.type === 'integer') return;
  throw new ContractError(
    'engine_unsuited',
    `The expectation "${expectation.name}" has a name in double quotes, which this server takes for a text. Write it without quotes, set spark.sql.ansi.doubleQuotedIdentifiers at the server, or check without --engine spark.`,
  );
}
