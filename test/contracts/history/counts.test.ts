import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CheckResult, foldCheckCounts, forgetChecks, saveCheck } from '#contracts';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('truncate checks cascade');
  for (const counts of ['check_counts', 'problem_counts', 'column_counts'])
    await database.query(`truncate ${counts}_arrived, ${counts}_folded`);
});

const violation = { category: 'out-of-range', severity: 'fail', rows: 4, share: 0.4, sentence: 'a is small' } as const;
const result = (change: Partial<CheckResult> = {}): CheckResult => ({
  ...{ contract: 'parcels', file: 'north-2026-03-01.csv', digest: 'd', sizeBytes: 100, durationMs: 3 },
  rows: { in: 10, good: 5, bad: 4, rejected: 1 },
  ...{ verdict: 'fail', criticality: 'high', summary: 's', expectations: [] },
  violations: [
    { expectation: 'range', column: 'a', ...violation },
    { expectation: 'range', column: 'b', ...violation, rows: 1 },
  ],
  columns: [
    { name: 'a', nulls: 2, mean: 5 },
    { name: 'b', nulls: 0 },
  ],
  ...change,
});
const save = (id: string, change: Partial<CheckResult> = {}) =>
  database.transaction((tx) => saveCheck(tx, { id, result: result(change) }));

/** Sums of what is counted, by the minute and by the hour, which are the same. */
async function counted() {
  const [hours, minutes] = await Promise.all(['1 hour', '1 minute'].map(sumsOf));
  expect(hours).toEqual(minutes);
  return minutes;
}

async function sumsOf(width: string) {
  const files = await database.query(
    `select source, verdict, sum(files)::integer as files, sum(rows_valid)::integer as valid, sum(rows_invalid)::integer as invalid
       from check_counts where width = $1::interval group by 1, 2 having sum(files) <> 0 order by 1, 2`,
    [width],
  );
  const problems = await database.query(
    `select column_name as name, sum(problems)::integer as problems, sum(files)::integer as files, sum(rows)::integer as rows
       from problem_counts where width = $1::interval group by 1 having sum(problems) <> 0 order by 1`,
    [width],
  );
  const columns = await database.query(
    `select column_name as name, sum(nulls)::integer as nulls, sum(total) / nullif(sum(numbers), 0) as mean
       from column_counts where width = $1::interval group by 1 having sum(files) <> 0 order by 1`,
    [width],
  );
  return { files, problems, columns };
}

const ONE = {
  files: [{ source: 'north', verdict: 'fail', files: 1, valid: 5, invalid: 5 }],
  problems: [
    { name: 'a', problems: 1, files: 1, rows: 4 },
    { name: 'b', problems: 1, files: 0, rows: 1 },
  ],
  columns: [
    { name: 'a', nulls: 2, mean: 5 },
    { name: 'b', nulls: 0, mean: null },
  ],
};

describe('the counts of checks', () => {
  it('are right at once, after they are folded, and when they are folded again', async () => {
    await save('one');
    expect(await counted()).toEqual(ONE);
    await foldCheckCounts(database);
    await foldCheckCounts(database);
    expect(await counted()).toEqual(ONE);
    expect(await database.query('select from check_counts_arrived')).toEqual([]);
  });

  it('follow a check that is saved again, before and after they are folded', async () => {
    await save('one', { verdict: 'pass', rows: { in: 3, good: 3, bad: 0, rejected: 0 }, violations: [], columns: [] });
    await save('one');
    expect(await counted()).toEqual(ONE);
    await foldCheckCounts(database);
    await save('one', { verdict: 'quarantined', violations: [], columns: [] });
    await save('one');
    await foldCheckCounts(database);
    expect(await counted()).toEqual(ONE);
  });

  it('forget a check that is deleted', async () => {
    await save('one');
    await foldCheckCounts(database);
    await database.query('delete from checks');
    expect(await counted()).toEqual({ files: [], problems: [], columns: [] });
  });

  it('forget checks that are too old, and leave no row that counts nothing', async () => {
    // A check that is saved again keeps its time.
    await database.query(
      `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, summary, duration_ms, checked_at)
       select id, 'c', 'f', 'd', 0, 0, 0, 0, 0, 'pass', 's', 0, clock_timestamp() - interval '11 days' from unnest(array['old', 'older']) as id`,
    );
    for (const id of ['old', 'older', 'new']) await save(id);
    await foldCheckCounts(database);
    expect(await forgetChecks(database, { ageDaysMax: 10 })).toBe(2);
    expect(await database.query('select id from checks')).toEqual([{ id: 'new' }]);
    for (const table of ['check_counts_folded', 'problem_counts_folded', 'column_counts_folded'])
      expect(await database.query(`select from ${table} where at < clock_timestamp() - interval '10 days'`)).toEqual(
        [],
      );
    expect((await counted())?.files).toEqual(ONE.files);
    expect(await forgetChecks(database, { ageDaysMax: 10 })).toBe(0);
  });

  it('count each file once while many are saved and many processes fold', async () => {
    const saving = Array.from({ length: 30 }, (_, index) => save(`check ${index % 20}`));
    const folding = Array.from({ length: 10 }, () => foldCheckCounts(database));
    await Promise.all([...saving, ...folding]);
    const { files, columns } = (await counted()) ?? {};
    expect(files).toEqual([{ source: 'north', verdict: 'fail', files: 20, valid: 100, invalid: 100 }]);
    expect(columns?.[0]).toEqual({ name: 'a', nulls: 40, mean: 5 });
  });

  it('count nothing of a check whose transaction was rolled back', async () => {
    const failing = database.transaction(async (tx) => {
      await saveCheck(tx, { id: 'one', result: result() });
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await counted()).toEqual({ files: [], problems: [], columns: [] });
  });
});

describe('the source of a file', () => {
  it.each([
    ['orders.csv', 'orders'],
    ['orders-2026-03-01.csv', 'orders'],
    ['orders_017.csv.gz', 'orders'],
    ['north orders 3.parquet', 'north orders'],
    ['20260301.csv', 'other'],
    ['orders', 'orders'],
  ])('of %s is %s', async (file, source) => {
    expect(await database.query('select file_source($1) as source', [file])).toEqual([{ source }]);
  });
});
