import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { PARCELS_PROJECT } from './parcels-project.ts';
import { type Ended, runWeir, spawnCommand } from './run-weir.ts';

const rows = Array.from({ length: 200 }, (_, id) => `${id},${id % 100},${id % 100 < 50 ? 'light' : 'heavy'}\n`);

/** The process that runs it, in a task that only the server's machine has. */
const TASKS = `
import { z } from 'zod';
import { defineTask, value } from 'weir';
export const whoRuns = defineTask({
  name: 'who-runs',
  params: z.object({}),
  outputs: { parent: value() },
  run: async () => ({ parent: process.ppid }),
});
export const waitFor = defineTask({
  name: 'wait-for',
  params: z.object({ file: z.string(), begun: z.string() }),
  outputs: { waited: value() },
  run: async ({ params }) => {
    const { existsSync, writeFileSync } = await import('node:fs');
    writeFileSync(params.begun, '');
    while (!existsSync(params.file)) await new Promise((resolve) => setTimeout(resolve, 20));
    return { waited: true };
  },
});
`;

/** Weir with the executor remote on one machine, and a worker on another: two folders that share artifacts. */
describe('weir worker', () => {
  let folder: string;
  let database: Database;
  let worker: Promise<Ended>;
  const at = (machine: string): string => path.join(folder, machine);
  const onServer = (args: readonly string[], machine = 'server'): Promise<Ended> =>
    runWeir(args, at(machine), { DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'remote' });
  const workers = async (): Promise<readonly { readonly name: string; readonly ended: number }[]> =>
    JSON.parse((await onServer(['workers', '--json'])).out).workers;
  const addMachine = async (machine: string): Promise<void> => {
    await mkdir(path.join(at(machine), '.weir'), { recursive: true, mode: 0o700 });
    await writeFile(path.join(at(machine), 'parcels.csv'), `number,weight,outcome\n${rows.join('')}`);
    await symlink(at('artifacts'), path.join(at(machine), '.weir', 'artifacts'));
  };
  const addServer = async (machine: string, tasks: string): Promise<void> => {
    await addMachine(machine);
    const project = PARCELS_PROJECT.replace('estimator:', "tasks: ['tasks.ts'],\n  estimator:");
    await writeFile(path.join(at(machine), 'project.ts'), project);
    await writeFile(path.join(at(machine), 'tasks.ts'), tasks);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-worker-'));
    // Packages of a task stay outside of its code.
    await symlink(fileURLToPath(new URL('../../../../node_modules', import.meta.url)), at('node_modules'));
    await mkdir(at('artifacts'));
    await addServer('server', TASKS);
    await addMachine('worker');
    await writeFile(path.join(at('worker'), 'project.ts'), PARCELS_PROJECT);
    worker = spawnCommand(['worker', '--slots', '2'], at('worker'), { DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await database?.close();
    await rm(folder, { recursive: true });
  });

  it('trains a model that a server on another machine asks for', async () => {
    expect(await onServer(['run', 'train'])).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse((await onServer(['models', '--json'])).out).versions).toHaveLength(1);
  });

  it('runs a task whose code only the server has', async () => {
    expect(await onServer(['run', 'who-runs()'])).toMatchObject({ code: 0, err: '' });
    const [{ name } = { name: '' }] = await workers();
    const result = await onServer(['result', 'who-runs()']);
    expect(result.out.trim()).toBe(`parent: ${name.split(':').at(-1)}`);
    // It says what it did every two seconds.
    await expect.poll(async () => (await workers())[0]?.ended, { timeout: 30_000 }).toBeGreaterThan(0);
  });

  it('keeps the code that it runs, and no other', { timeout: 120_000 }, async () => {
    const root = path.join(at('worker'), '.weir', 'worker-code');
    const bundles = async (): Promise<number> => {
      const [own = ''] = await readdir(root);
      return (await readdir(path.join(root, own))).length;
    };
    /** Runs what another server has, whose code no worker has yet. */
    const runElsewhere = async (version: string): Promise<Ended> => {
      await addServer(version, TASKS.replace("'who-runs'", `'who-runs-${version}'`));
      return onServer(['run', `who-runs-${version}()`], version);
    };
    const [file, begun] = [at('release'), at('begun')];
    const waiting = onServer(['run', `wait-for(file=${file}, begun=${begun})`]);
    await expect.poll(() => existsSync(begun), { timeout: 60_000 }).toBe(true);
    expect(await runElsewhere('second')).toMatchObject({ code: 0, err: '' });
    expect(await bundles()).toBe(2);
    await writeFile(file, '');
    expect(await waiting).toMatchObject({ code: 0, err: '' });
    expect(await runElsewhere('third')).toMatchObject({ code: 0, err: '' });
    await expect.poll(bundles).toBe(1);
  });

  it('does not start where it sees other artifacts than its server', async () => {
    await mkdir(path.join(at('apart'), '.weir'), { recursive: true, mode: 0o700 });
    await writeFile(path.join(at('apart'), 'project.ts'), PARCELS_PROJECT);
    const { code, err } = await runWeir(['worker'], at('apart'), { DATABASE_URL: database.url });
    expect(code).toBe(64);
    expect(err).toContain(`among the artifacts of this worker, in ${path.join(at('apart'), '.weir', 'artifacts')}`);
    expect(await workers()).toHaveLength(1);
  });

  it('is refused a drain of a worker that is not there', async () => {
    const refused = await onServer(['workers', 'drain', 'nobody:1']);
    expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('No worker is named nobody:1') });
  });

  it('ends when it is drained', async () => {
    const [{ name } = { name: '' }] = await workers();
    expect(await onServer(['workers', 'drain', name])).toMatchObject({ code: 0, out: `Worker ${name} drains\n` });
    expect(await worker).toMatchObject({ code: 0, out: expect.stringContaining(`Worker ${name} serves default`) });
    expect(await workers()).toEqual([]);
    expect(await readdir(path.join(at('worker'), '.weir', 'worker-code'))).toEqual([]);
  });

  it('needs the database of a server', async () => {
    const refused = await runWeir(['worker'], at('worker'));
    expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('set database.url (DATABASE_URL)') });
  });
});
