import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetRequestCounts, RequestCounts, startFolding } from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate request_counts, refused_fields'));

const request = { route: 'POST /api/predict', status: 200, durationMs: 7, fields: [] };
const startAt = (time: string) => {
  const clock = { now: new Date(time) };
  return { clock, counts: new RequestCounts({ now: () => clock.now }) };
};
const stored = (width = '1 minute') =>
  database.query(
    'select at, route, status, duration_ms as ms, requests::integer as requests from request_counts where width = $1::interval order by at, status, ms',
    [width],
  );

describe('the counts of requests', () => {
  it('are added to the minute and to the hour, by route, class of the status and bound of the time', async () => {
    const { clock, counts } = startAt('2026-03-01T10:59:59.9Z');
    counts.count(request);
    counts.count({ ...request, durationMs: 8 });
    clock.now = new Date('2026-03-01T11:00:00Z');
    counts.count({ ...request, status: 422, durationMs: 900_000, fields: ['size', 'size', 'weight'] });
    await counts.flush(database);
    counts.count({ ...request, durationMs: 0 });
    await counts.flush(database);
    await counts.flush(database);
    const before = { at: new Date('2026-03-01T10:59:00Z'), route: request.route, status: '2xx', ms: 8, requests: 2 };
    const [first, refused] = [1, 100_000].map((ms, index) => ({
      ...before,
      ...{ at: new Date('2026-03-01T11:00:00Z'), status: index === 0 ? '2xx' : '4xx', ms, requests: 1 },
    }));
    expect(await stored()).toEqual([before, first, refused]);
    expect(await stored('1 hour')).toEqual([{ ...before, at: new Date('2026-03-01T10:00:00Z') }, first, refused]);
    const fields =
      "select field, requests::integer as requests from refused_fields where width = '1 minute' order by 1";
    expect(await database.query(fields)).toEqual([
      { field: 'size', requests: 1 },
      { field: 'weight', requests: 1 },
    ]);
  });

  it('wait for the next time when the database refuses them', async () => {
    const { counts } = startAt('2026-03-01T10:00:00Z');
    counts.count({ ...request, fields: ['size'] });
    await database.query('alter table refused_fields rename to away');
    await expect(counts.flush(database)).rejects.toThrow('refused_fields');
    await database.query('alter table away rename to refused_fields');
    counts.count(request);
    await counts.flush(database);
    expect(await stored()).toMatchObject([{ requests: 2 }]);
    expect(await database.query("select field from refused_fields where width = '1 hour'")).toEqual([
      { field: 'size' },
    ]);
  });

  it('are written by the folding, and what is left when it stops', async () => {
    const { counts } = startAt('2026-03-01T10:00:00Z');
    counts.count(request);
    const waiting: (() => void)[] = [];
    const after = (_: number, callback: () => void) => {
      waiting.push(callback);
      return () => {};
    };
    const folding = startFolding(database, { requestCounts: counts, after });
    await expect.poll(() => waiting.length).toBe(1);
    expect(await stored()).toMatchObject([{ requests: 1 }]);
    counts.count(request);
    await folding.stop();
    expect(await stored()).toMatchObject([{ requests: 2 }]);
  });

  it('are forgotten after so many days', async () => {
    const { clock, counts } = startAt('2026-03-01T10:00:00Z');
    counts.count({ ...request, fields: ['size'] });
    clock.now = new Date();
    counts.count({ ...request, fields: ['weight'] });
    await counts.flush(database);
    await forgetRequestCounts(database, { ageDaysMax: 30 });
    expect(await stored()).toMatchObject([{ requests: 1 }]);
    expect(await database.query("select field from refused_fields where width = '1 hour'")).toEqual([
      { field: 'weight' },
    ]);
  });
});
