import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CheckResult, getCheck, listChecks, readTrends, reportDigests, saveCheck } from '#contracts';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { plansOf } from '../../postgres/plans-of.ts';

const result: CheckResult = {
  contract: 'people',
  file: 'people-1.csv',
  digest: 'a'.repeat(64),
  sizeBytes: 1234,
  rows: { in: 10, good: 7, bad: 2, rejected: 1 },
  verdict: 'fail',
  criticality: 'medium',
  violations: [
    {
      expectation: 'in-range',
      column: 'age',
      category: 'out-of-range',
      severity: 'fail',
      rows: 2,
      share: 0.2,
      sentence: 'age is at least 0',
      examples: [{ at: 'line', number: 7, values: [{ column: 'age', text: '-1' }] }],
    },
    {
      expectation: 'few-old',
      category: 'distribution',
      severity: 'warn',
      rows: 9,
      share: 0.9,
      sentence: 'few are old',
    },
  ],
  expectations: [],
  columns: [
    { name: 'age', nulls: 3, mean: 29.5 },
    { name: 'sex', nulls: 0 },
  ],
  summary: '10 rows: 7 good, 2 bad, 1 unreadable',
  durationMs: 12.5,
};

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('delete from checks'));

describe('the reports of checks', () => {
  it('are kept from a collection as long as their check is on record', async () => {
    const reportDigest = 'b'.repeat(64);
    await saveCheck(database, { id: 'reported', result, reportDigest });
    expect(await reportDigests(database, [reportDigest, result.digest])).toEqual([reportDigest]);
    await database.query('delete from checks');
    expect(await reportDigests(database, [reportDigest])).toEqual([]);
  });
});

describe('saveCheck', () => {
  it('keeps everything that a check found', async () => {
    expect(await saveCheck(database, { id: 'one', result, reportDigest: 'b' })).toBe(5);
    const { violations, expectations: _, columns, ...facts } = result;
    expect(await getCheck(database, 'one')).toEqual({
      ...facts,
      id: 'one',
      reportDigest: 'b',
      checkedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      violations: violations.map((violation) => ({ column: null, examples: [], ...violation })),
      columns: columns.map((column) => ({ mean: null, ...column })),
    });
  });

  it('keeps examples whose characters PostgreSQL cannot store', async () => {
    const [violation] = result.violations;
    const examples = [{ at: 'line', number: 2, values: [{ text: 'a\0b' }, { column: 'age', text: null }] }] as const;
    await saveCheck(database, { id: 'odd', result: { ...result, violations: [{ ...violation!, examples }] } });
    const stored = await getCheck(database, 'odd');
    expect(stored?.violations[0]?.examples).toEqual([
      { at: 'line', number: 2, values: [{ text: 'a\ufffdb' }, { column: 'age', text: null }] },
    ]);
  });

  it('replaces what it kept under the same id, and its time stays', async () => {
    await saveCheck(database, { id: 'one', result });
    const before = await getCheck(database, 'one');
    await saveCheck(database, { id: 'one', result });
    expect(await getCheck(database, 'one')).toEqual(before);
    const { criticality: _, ...passing } = { ...result, verdict: 'pass' as const, violations: [], columns: [] };
    await saveCheck(database, { id: 'one', result: passing });
    expect(await getCheck(database, 'one')).toMatchObject({
      verdict: 'pass',
      criticality: null,
      violations: [],
      columns: [],
    });
  });

  it('is refused by the database when rows are lost', async () => {
    const wrong = { ...result, rows: { in: 10, good: 7, bad: 2, rejected: 0 } };
    await expect(saveCheck(database, { id: 'one', result: wrong })).rejects.toThrow();
  });
});

describe('listChecks', () => {
  it('pages from the newest to the oldest, each once, also when many have the same time', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await saveCheck(database, { id, result });
    await database.query(`update checks set checked_at = '2026-01-01' where id <> 'c'`);
    const ids: string[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < 3; pages += 1) {
      const page = await listChecks(database, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    }
    expect(cursor).toBeUndefined();
    expect(ids).toEqual(['c', 'e', 'd', 'b', 'a']);
  });

  it('shows one verdict only when asked', async () => {
    await saveCheck(database, { id: 'bad', result });
    await saveCheck(database, { id: 'good', result: { ...result, verdict: 'pass' } });
    expect((await listChecks(database, { verdict: 'pass' })).items.map(({ id }) => id)).toEqual(['good']);
  });

  it('says what a cursor is when it is given something else', async () => {
    for (const cursor of [
      'x',
      Buffer.from('["-checked","2026-02-31T00:00:00.000000Z","a"]').toString('base64url'),
      '%',
    ]) {
      await expect(listChecks(database, { cursor })).rejects.toThrow(/the nextCursor of an earlier page/);
    }
  });
});

describe('getCheck', () => {
  it('gives nothing for an id that nobody saved', async () => {
    expect(await getCheck(database, 'nobody')).toBeUndefined();
  });
});

describe('readTrends', () => {
  it('gives the shares of the last files of the contract up to the one asked for, oldest first', async () => {
    const fine = { ...result, rows: { in: 10, good: 10, bad: 0, rejected: 0 }, violations: [] };
    await saveCheck(database, { id: 'one', result: fine });
    await saveCheck(database, { id: 'other', result: { ...result, contract: 'other' } });
    await saveCheck(database, { id: 'two', result });
    await saveCheck(database, { id: 'three', result: fine });
    expect(await readTrends(database, { id: 'two', contract: 'people' })).toEqual({
      unusable: [0, 0.3],
      expectations: [
        { expectation: 'in-range', column: 'age', shares: [0, 0.2] },
        { expectation: 'few-old', column: null, shares: [0, 0.9] },
      ],
    });
    expect((await readTrends(database, { id: 'three', contract: 'people' })).unusable).toEqual([0, 0.3, 0]);
    const rows = { in: 0, good: 0, bad: 0, rejected: 0 };
    await saveCheck(database, { id: 'four', result: { ...fine, verdict: 'quarantined', rows } });
    expect((await readTrends(database, { id: 'four', contract: 'people' })).unusable).toEqual([0, 0.3, 0, 1]);
  });
});

describe('a list of many checks', () => {
  it.each<[string, NonNullable<Parameters<typeof listChecks>[1]>, number]>([
    ['of a verdict that none has', { verdict: 'quarantined' }, 0],
    ['of a verdict that all have', { verdict: 'pass' }, 50],
    ['of a contract that none has', { contract: 'boats' }, 0],
  ])('reads no more than it shows: %s', async (_, asked, count) => {
    await database.query(`insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, summary,
        duration_ms, checked_at)
      select n::text, 'people', n || '.csv', 'd', 1, 1, 1, 0, 0, 'pass', '', 1, now() - n * interval '1 minute' from generate_series(1, 20000) n`);
    await database.query('analyze checks');
    const plans = await plansOf(database, async (queryable) =>
      expect((await listChecks(queryable, asked)).items).toHaveLength(count),
    );
    expect(plans).not.toContain('Seq Scan');
  });
});
