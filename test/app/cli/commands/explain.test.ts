import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

const example = fileURLToPath(new URL('../../../../examples/titanic', import.meta.url));
let folder: string;
let database: Database;
beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'weir-explain-')), 'titanic');
  const isSource = (file: string): boolean => !/\.weir|-data$/.test(path.relative(example, file));
  await cp(example, folder, { recursive: true, filter: isSource });
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  await rm(path.dirname(folder), { recursive: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, { DATABASE_URL: database.url });

describe('weir explain in the project of npm start', () => {
  it("explains the help's own example before and after training, and names the setting that changed", async () => {
    const { out: help } = await weir('explain', '--help');
    const [goal = ''] = /(?<=such as ').+?(?=')/.exec(help.replaceAll(/\s+/g, ' ')) ?? [];
    expect(goal).toBe('fit-model(seed=1)');
    const before = await weir('explain', goal);
    expect(before, before.err).toMatchObject({ code: 1, out: expect.stringContaining('no result of it is stored') });
    const trained = await weir('run', 'train');
    expect(trained.code, trained.err).toBe(0);
    const file = path.join(folder, 'project.ts');
    await writeFile(file, (await readFile(file, 'utf8')).replace('knn({ k: 25 })', 'knn({ k: 3 })'));
    const after = await weir('explain', goal);
    expect(after, after.err).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^ {2}param estimator\.settings\.k 25 → 3$/m),
    });
  });

  it('says which params a task has when one is given that it does not have', async () => {
    const ended = await weir('explain', 'fit-model(sed=1)');
    expect(ended).toMatchObject({ code: 64, err: expect.stringMatching(/has .*seed.*; got sed\./) });
  });
});
