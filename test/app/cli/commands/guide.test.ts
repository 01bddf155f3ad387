import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

const example = fileURLToPath(new URL('../../../../examples/guide', import.meta.url));
let folder: string;
let database: Database;
beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'weir-guide-')), 'guide');
  await cp(example, folder, { recursive: true });
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  await rm(path.dirname(folder), { recursive: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, { DATABASE_URL: database.url });

describe('the project of the guide', () => {
  it('books and summarises a day', async () => {
    const ended = await weir('run', 'nightly', '--param', 'currencies=["USD"]', '--json');
    expect(ended.code, ended.err).toBe(0);
    const { params, taskRuns } = JSON.parse(ended.out);
    expect(params).toEqual({ currencies: ['USD'] });
    const states = Object.fromEntries(taskRuns.map((run: { task: string; state: string }) => [run.task, run.state]));
    expect(states).toMatchObject({ 'book-total': 'succeeded', 'note-length': 'succeeded', summary: 'succeeded' });
    const total = await weir('result', 'converted-total(day=2026-01-31, currency=USD)');
    expect(total).toMatchObject({ code: 0, out: 'cents: 938\n' });
    const page = path.join(folder, 'page.txt');
    expect((await weir('result', 'summary(day=2026-01-31)', '--output', page)).code).toBe(0);
    expect(await readFile(page, 'utf8')).toBe('2026-01-31: 750, longest note: monday\n');
    expect((await weir('result', 'book-total(day=2026-01-31)')).out).toBe('totals: 1 row in sink shop\n');
  });

  it('says what is wrong with a day, and with data that are not there', async () => {
    const refused = await weir('run', 'nightly', '--param', 'day=today');
    expect(refused).toMatchObject({ code: 64, err: expect.stringMatching(/It takes day \(string, .*the day to book/) });
    const failed = await weir('run', 'converted-total(day=2026-01-31, currency=DKK)');
    expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('There is no rate of DKK.') });
  });
});
