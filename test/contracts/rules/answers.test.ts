import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { createHeader } from '../../../src/contracts/check/compile.ts';
import { matchHeader } from '../../../src/contracts/check/match-header.ts';
import { integer, number } from '../../../src/contracts/columns.ts';
import type { ColumnKind, SqlNames } from '../../../src/contracts/contract.ts';
import { defineContract } from '../../../src/contracts/define-contract.ts';
import { maybeConstantSql } from '../../../src/contracts/kinds/cell-value.ts';
import { answerByCounters, type Counters } from '../../../src/contracts/rules/answer-by-counters.ts';
import { answerByHeader, type HeaderName } from '../../../src/contracts/rules/answer-by-header.ts';
import { needsOf } from '../../../src/contracts/rules/needs.ts';
import type { HeaderRule, TableRule } from '../../../src/contracts/rules/rule.ts';
import { toSql } from '../../../src/contracts/rules/to-sql.ts';
import { identifier, literal } from '../../../src/contracts/sql.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

const KINDS: Readonly<Record<string, ColumnKind>> = { n: 'number', c: 'category' };
const kindOf = (column: string): ColumnKind => KINDS[column] ?? 'text';

interface Answer {
  readonly ok: boolean;
  readonly observed: string | number | null;
}

const bound = fc.integer({ min: -3, max: 6 }).map((value) => value / 2);
const bounds = fc.tuple(bound, bound).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));
const NAMES = ['a', "o'b", 'c'];
const RULES: fc.Arbitrary<TableRule> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('mean', 'sum', 'smallest', 'largest', 'null-share', 'distinct-count', 'distinct-share'),
      bounds,
    )
    .map(([aggregate, range]): TableRule => ({ over: 'table', test: 'aggregate', aggregate, column: 'n', ...range })),
  bounds.map((range): TableRule => ({ over: 'table', test: 'aggregate', aggregate: 'rows', ...range })),
  bounds.map(({ min, max }): TableRule => {
    const from = Math.max(0, min);
    return { over: 'table', test: 'rows-there', dataset: 'others', min: from, max: Math.max(from, max) };
  }),
  fc
    .subarray(NAMES, { minLength: 1 })
    .map((values): TableRule => ({ over: 'table', test: 'contains', column: 'c', values })),
  fc.tuple(fc.constantFrom(0, 0.25, 0.5, 1), fc.constantFrom(0.01, 0.3)).map(([share, tolerance]): TableRule => {
    return { over: 'table', test: 'shares', column: 'c', shares: { a: share, "o'b": 0.5 }, tolerance };
  }),
  fc.constantFrom(0.1, 1).map((indexMax): TableRule => {
    const reference = { kind: 'category', rows: 200, shares: { a: 0.7, "o'b": 0.3 } } as const;
    return { over: 'table', test: 'near', column: 'c', reference, indexMax };
  }),
  fc
    .tuple(fc.constantFrom('chi-square', 'jensen-shannon', 'l-infinity'), fc.double({ min: 0, max: 0.6 }))
    .map(([measure, max]): TableRule => {
      const reference = { kind: 'category', rows: 200, shares: { a: 0.7, "o'b": 0.3 } } as const;
      return { over: 'table', test: 'divergence', column: 'c', reference, measure, max };
    }),
);
const ROWS_THERE = 3;
/** Halves, which sums of doubles hold exactly in any order. */
const CELLS = fc.record({
  n: fc.option(
    fc.integer({ min: -4, max: 4 }).map((value) => value / 2),
    { nil: null },
  ),
  c: fc.option(fc.constantFrom(...NAMES, 'new'), { nil: null }),
});

function countersOf(
  rows: readonly { readonly n: number | null; readonly c: string | null }[],
  column: string,
): Counters {
  const values = rows.map((row) => (column === 'c' ? row.c : row.n)).filter((value) => value !== null);
  const numbers = rows.flatMap(({ n }) => (n === null ? [] : [n + 0]));
  const categories = new Map<string, number>();
  for (const { c } of rows) if (c !== null) categories.set(c, (categories.get(c) ?? 0) + 1);
  return {
    ...{ rows: rows.length, values: values.length, categories, there: ROWS_THERE },
    sum: numbers.reduce((sum, value) => sum + value, 0),
    ...(numbers.length === 0 ? {} : { min: Math.min(...numbers), max: Math.max(...numbers) }),
    distinct: new Set(numbers).size,
  };
}

const SQL_NAMES: SqlNames = {
  ...{ table: 'given', typed: identifier, raw: identifier, typedAs: identifier },
  constant: (column, value) => maybeConstantSql(kindOf(column), value),
  there: { keys: () => '', table: () => '', rows: () => String(ROWS_THERE) },
};

describe('answerByCounters', () => {
  it('says what the SQL of the rule says', async () => {
    const seen = { met: 0, unmet: 0 };
    const property = fc.asyncProperty(
      fc.array(RULES, { minLength: 5, maxLength: 9 }),
      fc.array(CELLS),
      async (rules, rows) => {
        const values = rows.map(({ n, c }) => `(${n ?? 'null'}::double, ${c === null ? 'null::varchar' : literal(c)})`);
        const none = 'select null::double, null::varchar where false';
        const from = values.length === 0 ? none : `values ${values.join(', ')}`;
        await duckdb.use(async (connection) => {
          await connection.run(`create or replace temp table given as select * from (${from}) g(n, c)`);
          for (const rule of rules) {
            expect(needsOf(rule, kindOf).decidedBy).toBe('counters');
            const [found] = await connection.all<Answer & Readonly<Record<string, string | number | boolean | null>>>(
              toSql(rule, SQL_NAMES),
            );
            const { isMet, observed } = answerByCounters(rule, countersOf(rows, 'column' in rule ? rule.column : ''));
            const told = { rule, ok: isMet, ...(isMet ? {} : { observed: rounded(observed) }) };
            expect(told).toEqual({
              rule,
              ok: found?.ok,
              ...(isMet ? {} : { observed: rounded(found?.observed ?? null) }),
            });
            seen[isMet ? 'met' : 'unmet'] += 1;
          }
        });
      },
    );
    await fc.assert(property, { numRuns: propertyRuns(100), seed: 20261130, endOnFailure: true });
    expect(Math.min(seen.met, seen.unmet)).toBeGreaterThan(50);
  });
});

/** To what both sides compute alike: logarithms differ in their last digits. */
function rounded(observed: string | number | boolean | null): string | number | boolean | null {
  return typeof observed === 'number' ? Number(observed.toPrecision(12)) : observed;
}

describe('answerByHeader', () => {
  const contract = defineContract({ name: 'h', columns: { a: number(), b: integer(), c: integer() } });

  it.each([
    ['the same columns', ['a', 'b', 'c']],
    ['another order', ['b', 'a', 'c']],
    ['one more', ['a', 'x', 'b', 'c']],
    ['one less', ['a', 'c']],
  ])('says of %s what the SQL of the rule says', async (_, names) => {
    const header = matchHeader(contract, names);
    const expected = Object.keys(contract.columns);
    const places: readonly HeaderName[] = [
      ...header.names.map((name, position): HeaderName => {
        const contractPosition = expected.indexOf(name);
        return contractPosition < 0 ? { name, position } : { name, position, contractPosition };
      }),
      ...header.missing.map((name): HeaderName => ({ name, contractPosition: expected.indexOf(name) })),
    ];
    const asked: readonly HeaderRule[] = [
      { over: 'header', test: 'names' },
      { over: 'header', test: 'names', order: true },
      { over: 'header', test: 'count', min: 3, max: 3 },
      { over: 'header', test: 'count', max: 2 },
    ];
    for (const rule of asked) {
      const [found] = await duckdb.use(async (connection) => {
        await connection.run(createHeader(contract, header));
        return connection.all<{ ok: boolean; observed: string | null }>(toSql(rule, SQL_NAMES));
      });
      expect(answerByHeader(rule, places)).toEqual({ isMet: found?.ok, observed: found?.observed });
    }
  });
});
