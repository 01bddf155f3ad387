import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { needsOf } from '../../../src/contracts/rules/needs.ts';
import type { Rule } from '../../../src/contracts/rules/rule.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { foundByDuckdb, foundByRows } from './found-violations.ts';
import { type Cells, kindOf, ROWS, RULES } from './random-rules.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

describe('a rule', () => {
  it('finds the same cells, rows and keys in TypeScript as in SQL', async () => {
    const seen = new Map<string, { violated: number; met: number }>();
    const property = fc.asyncProperty(fc.array(RULES, { minLength: 20, maxLength: 30 }), ROWS, async (all, rows) => {
      const rules = all.filter((rule) => needsOf(rule, kindOf).decidedBy !== 'sql');
      const expected = await foundByDuckdb(duckdb, rules, rows);
      for (const [at, rule] of rules.entries()) {
        const found = foundByRows(rule, rows);
        const odd = rows.filter((_, row) => found?.[row] !== expected[at]?.[row]);
        expect({ rule, odd: odd.map((cells) => cellsOf(rule, cells)) }).toEqual({ rule, odd: [] });
        const kinds = ['test' in rule ? rule.test : rule.over, ...('where' in rule ? ['where'] : [])];
        for (const kind of kinds) {
          const counts = seen.get(kind) ?? { violated: 0, met: 0 };
          for (const isViolated of expected[at] ?? []) counts[isViolated ? 'violated' : 'met'] += 1;
          seen.set(kind, counts);
        }
      }
    });
    await fc.assert(property, { numRuns: propertyRuns(200), seed: 20261130, endOnFailure: true });
    // Every test is met and violated somewhere, or the comparison proves nothing.
    expect([...seen].filter(([, { violated, met }]) => Math.min(violated, met) < 3)).toEqual([]);
    expect(seen.size).toBe(20);
  });
});

/** What a rule read of a row, for the message. */
function cellsOf(rule: Rule, cells: Cells): readonly (string | null)[] {
  return needsOf(rule, kindOf).columns.map((name) => cells[name] ?? null);
}
