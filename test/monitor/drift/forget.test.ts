import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetDrift, type JudgedWindow, listDriftWindows, saveWindow } from '#monitor';
import type { Database } from '#store';
import { indexFile } from '../../../src/monitor/drift/steps.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const hour = (at: number): Date => new Date(Date.UTC(2026, 2, 1, at));
const window = (from: number): JudgedWindow => ({
  ...{ model: 'parcels', version: 1, stream: 'data', from: hour(from), to: hour(from + 1), status: 'no-reference' },
  ...{ rows: 10, sentence: `window ${from}`, sustained: { k: 1, n: 1 }, scores: [], unjudged: [], runId: '1' },
  files: [{ check: `file ${from}`, rows: 10 }],
});

describe('forgetting drift', () => {
  it('removes old windows with their rows, which no later window judges again, and keeps the others', async () => {
    for (const from of [8, 9]) {
      const at = hour(from);
      const file = { check: `file ${from}`, model: 'parcels', version: 1, arrivedAt: at, problem: null };
      await indexFile(database, { ...file, steps: [{ at, newest: at, rows: 10 }] });
      await saveWindow(database, window(from));
    }
    await database.query(`update drift_windows set judged_at = now() - interval '40 days' where from_at = $1`, [
      hour(8),
    ]);
    await database.query('update drift_files set arrived_at = now()');
    expect(await forgetDrift(database, { ageDaysMax: 100 })).toBe(0);
    expect(await forgetDrift(database, { ageDaysMax: 5 })).toBe(1);
    const { items } = await listDriftWindows(database, { model: 'parcels', limit: 10 });
    expect(items.map(({ sentence }) => sentence)).toEqual(['window 9']);
    expect(await database.query('select check_id as file, window_id is null as free from drift_files')).toEqual([
      { file: 'file 9', free: false },
    ]);
  });
});
