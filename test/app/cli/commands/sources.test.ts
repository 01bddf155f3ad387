import { appendFile, cp, mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

const example = fileURLToPath(new URL('../../../../examples/posts-likes', import.meta.url));
let folder: string;
let project: string;
let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'weir-posts-likes-'));
  project = path.join(folder, 'posts-likes');
  await cp(example, project, { recursive: true, filter: (file) => !file.includes('.weir') });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** The tasks run in this process: what they make, and which of them run, is the same. */
const weir = (...args: readonly string[]): Promise<Ended> =>
  runWeir([...args, '--project', project], folder, {
    WEIR_ENGINE__EXECUTOR: 'inline',
    DATABASE_URL: database.url,
  });

interface RunSummary {
  readonly state: string;
  readonly warnings: readonly string[];
  readonly taskRuns: readonly { readonly task: string; readonly state: string }[];
}

/** Runs the example's pipeline as its README does, and says which tasks were executed, how often. */
async function rank(): Promise<{
  readonly executed: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}> {
  const { code, out, err } = await weir('run', 'rank', '--json');
  expect(err).not.toContain('✖');
  expect(code).toBe(0);
  // The command prints one object, of this shape.
  const { taskRuns, warnings } = JSON.parse(out) as RunSummary;
  const executed: Record<string, number> = {};
  for (const { task, state } of taskRuns) if (state === 'succeeded') executed[task] = (executed[task] ?? 0) + 1;
  return { executed, warnings };
}

const tables = { 'likes-per-user': 1, 'top-users': 1 };
const data = (...parts: readonly string[]): string => path.join(project, 'data', ...parts);

/** The removal of users that waits to be confirmed. */
async function waitingRemoval(): Promise<{ readonly id: string } | null | undefined> {
  const { out } = await weir('sources', '--json');
  const { sources } = JSON.parse(out) as { sources: { source: string; waiting: { id: string } | null }[] };
  return sources.find(({ source }) => source === 'users')?.waiting;
}

describe('the walk through the example posts-likes', () => {
  it('goes as its README says', async () => {
    const { executed } = await rank();
    expect(executed).toMatchObject({ 'score-user': 12, 'list-posts': 12, 'count-likes': 28, ...tables });
    expect(await rank()).toEqual({ executed: {}, warnings: [] });

    await appendFile(data('likes', 'post-07.txt'), 'zoe\n');
    const oneMore = { 'likes-partition': 1, 'count-likes': 1, 'score-user': 1, ...tables };
    expect(await rank()).toEqual({ executed: oneMore, warnings: [] });

    await rename(data('users', 'ada.json'), path.join(folder, 'ada.json'));
    expect(await rank()).toEqual({ executed: { 'users-partitions': 1, ...tables }, warnings: [] });
    const known = await weir('sources');
    expect(known.out).toContain('users: 11 partitions');
    expect(known.out).toContain('stale: score-user(user="ada"): It is made from partition "ada" of source users');
    await rename(path.join(folder, 'ada.json'), data('users', 'ada.json'));
    expect(await rank()).toEqual({ executed: {}, warnings: [] });

    await rename(data('users'), path.join(folder, 'users.away'));
    await mkdir(data('users'));
    expect(await rank()).toEqual({ executed: {}, warnings: [expect.stringContaining('no longer shows 12')] });
    const removal = await waitingRemoval();
    expect(removal).toMatchObject({ state: 'waiting', partitionCount: 12 });
    await rmdir(data('users'));
    await rename(path.join(folder, 'users.away'), data('users'));
    expect(await rank()).toEqual({ executed: {}, warnings: [] });

    const late = await weir('sources', 'confirm', removal?.id ?? '', '--reason', 'x');
    expect([late.code, late.err]).toEqual([64, expect.stringContaining('it is withdrawn')]);
  });

  it('takes what stands after "sources" for a confirmation too', async () => {
    await rename(data('users'), path.join(folder, 'users.gone'));
    await mkdir(data('users'));
    await rank();
    const id = (await waitingRemoval())?.id ?? '';
    const { out, code } = await weir('sources', '--json', 'confirm', id, '--reason', 'they left');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id, source: 'users', state: 'confirmed', reason: 'they left' });
  });
});
