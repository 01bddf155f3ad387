import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { needsOf } from '../../../src/contracts/rules/needs.ts';
import type { Rule } from '../../../src/contracts/rules/rule.ts';
import type { SqlEngine } from '../../../src/store/engines/sql-engine.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { canTestSpark, type SparkServer, startSpark } from '../../spark/sail.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { foundBySpark } from './found-by-spark.ts';
import { foundByDuckdb, foundByRows } from './found-violations.ts';
import { kindOf, ROWS, RULES } from './random-rules.ts';

describe.runIf(canTestSpark())('the SQL of Spark', () => {
  let duckdb: DuckdbPool;
  let server: SparkServer;
  let engine: SqlEngine;
  beforeAll(async () => {
    duckdb = await inProcessDuckdb();
    server = await startSpark();
    engine = await server.open();
  });
  afterAll(async () => {
    await engine?.close();
    await server?.stop();
    await duckdb.close();
  });

  it('finds the same cells, rows and keys as DuckDB and as rows in TypeScript', async () => {
    const seen = new Map<string, { violated: number; met: number }>();
    const property = fc.asyncProperty(fc.array(RULES, { minLength: 20, maxLength: 30 }), ROWS, async (all, rows) => {
      const rules = all.filter((rule) => needsOf(rule, kindOf).decidedBy !== 'sql' && !isBeyond(server, rule));
      const expected = await foundByDuckdb(duckdb, rules, rows);
      const found = await foundBySpark(engine, rules, rows);
      for (const [at, rule] of rules.entries()) {
        const inRows = foundByRows(rule, rows);
        const odd = rows.filter(
          (_, row) => found[at]?.[row] !== expected[at]?.[row] || inRows?.[row] !== found[at]?.[row],
        );
        const read = odd.map((cells) => needsOf(rule, kindOf).columns.map((name) => cells[name] ?? null));
        expect({ rule, odd: read }).toEqual({ rule, odd: [] });
        for (const kind of ['test' in rule ? rule.test : rule.over, ...('where' in rule ? ['where'] : [])]) {
          const counts = seen.get(kind) ?? { violated: 0, met: 0 };
          for (const isViolated of found[at] ?? []) counts[isViolated ? 'violated' : 'met'] += 1;
          seen.set(kind, counts);
        }
      }
    });
    await fc.assert(property, { numRuns: propertyRuns(60), seed: 20261201, endOnFailure: true });
    // Every test is met and violated somewhere, or the comparison proves nothing.
    expect([...seen].filter(([, { violated, met }]) => Math.min(violated, met) < 3)).toEqual([]);
    expect(seen.size).toBe(20);
  });
});

/** Sail compares days with moments in nanoseconds, of which 64 bits hold the years 1677 to 2262 only; Spark has microseconds. */
function isBeyond({ isSail }: SparkServer, rule: Rule): boolean {
  if (!isSail || !('test' in rule)) return false;
  if (rule.test === 'moments') return kindOf(rule.column) === 'date';
  if (rule.test !== 'less' && rule.test !== 'equal') return false;
  return [rule.column, rule.other].map(kindOf).sort().join() === 'date,timestamp';
}
