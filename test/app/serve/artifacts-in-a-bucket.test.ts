import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ArtifactDriver, type Database, s3Artifacts } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type Ceph, canTestBuckets, startCeph } from '../../store/s3/ceph.ts';
import { listOf } from '../../suites/artifact-driver.ts';
import { type Ended, runWeir } from '../cli/commands/run-weir.ts';

const TASKS = `import { readFile } from 'node:fs/promises';
import { blob, defineTask, value } from 'weir';
import { z } from 'zod';
export const make = defineTask({
  name: 'make', params: z.object({}), outputs: { data: blob() },
  run: async ({ blob }) => ({ data: await blob(Buffer.alloc(10_000_000, 'a')) }),
});
export const use = defineTask({
  name: 'use', params: z.object({}), inputs: () => ({ made: make.goal({}) }), outputs: { text: value<string>() },
  run: async ({ inputs }) => ({ text: (await readFile(await inputs.made.data.path(), 'utf8')).slice(0, 5_000) }),
});`;
const PROJECT = `import { definePipeline, defineProject } from 'weir';
import { use } from './tasks.ts';
export default defineProject({ name: 'bucket', title: 'Bucket', tasks: ['tasks.ts'],
  pipelines: [definePipeline({ name: 'use', goals: () => [use.goal({})] })] });`;

describe.runIf(canTestBuckets())('a project whose artifacts are in a bucket', () => {
  let ceph: Ceph;
  let database: Database;
  let root: string;
  let artifacts: ArtifactDriver;
  beforeAll(async () => {
    [ceph, database] = await Promise.all([startCeph(), createTestDatabase()]);
    await ceph.createBucket('weir');
    root = await mkdtemp(path.join(tmpdir(), 'weir-bucket-'));
    artifacts = await s3Artifacts({
      ...{ address: 's3://weir/of/project', settings: ceph.settings },
      cache: { folder: path.join(root, 'own-cache'), sizeBytesMax: 1e9 },
    });
  }, 600_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database?.close();
    await ceph?.stop();
    await rm(root, { recursive: true, force: true });
  }, 60_000);

  /** A copy of the project on one more machine: nothing is shared but the database and the bucket. */
  async function machine(name: string): Promise<(...args: readonly string[]) => Promise<Ended>> {
    const folder = path.join(root, name);
    await mkdir(path.join(folder, 'config'), { recursive: true });
    await mkdir(path.join(folder, 'node_modules'));
    await symlink(path.resolve('node_modules/zod'), path.join(folder, 'node_modules', 'zod'));
    await writeFile(path.join(folder, 'config', 'base.yaml'), 'artifacts: s3://weir/of/project\n');
    await writeFile(path.join(folder, 'tasks.ts'), TASKS);
    await writeFile(path.join(folder, 'project.ts'), PROJECT);
    const { endpoint, accessKeyId, secretAccessKey } = ceph.settings;
    // As programs of AWS get them: the command, which runs in this process, and from it the processes of tasks.
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    for (const [variable, key] of Object.entries(keys)) vi.stubEnv(variable, key);
    return (...args) =>
      runWeir([...args, '--project', folder], folder, {
        ...{ DATABASE_URL: database.url, WEIR_S3__ENDPOINT: endpoint, ...keys },
      });
  }

  const attempts = async (): Promise<string | undefined> =>
    (await database.query<{ count: string }>('select count(*)::text from attempts'))[0]?.count;

  it('keeps them there alone, gives tasks files, and computes nothing again on another machine', async () => {
    const one = await machine('one');
    const first = await one('run', 'use');
    expect(first.code, first.err + first.out).toBe(0);
    expect((await listOf(artifacts)).map(({ sizeBytes }) => sizeBytes).sort((a, b) => a - b)).toEqual([
      5002, 10_000_000,
    ]);
    expect(await readdir(path.join(root, 'one', '.weir'))).not.toContain('artifacts');
    expect(await readdir(path.join(root, 'one', '.weir', 'bucket-cache', 'held'))).toEqual([]);
    const before = await attempts();
    const other = await machine('other');
    expect(await other('run', 'use')).toMatchObject({ code: 0 });
    expect(await attempts()).toBe(before);
  }, 300_000);

  it('lays out a run with the addresses of its artifacts, which a person can fetch', async () => {
    const runs = path.join(root, 'one', '.weir', 'runs');
    const [run = ''] = await readdir(runs);
    const address = await readFile(path.join(runs, run, 'make', 'data.address.txt'), 'utf8');
    expect(address).toMatch(/^s3:\/\/weir\/of\/project\/[0-9a-f]{64}\n$/);
  });

  it('notices what is missing there, and makes it again', async () => {
    const again = await machine('again');
    expect(await again('scrub')).toMatchObject({ code: 0 });
    for (const { digest } of await listOf(artifacts)) await artifacts.delete(digest);
    const run = await again('run', 'use');
    expect(run.code, run.err + run.out).toBe(0);
    expect(await listOf(artifacts)).toHaveLength(2);
  }, 300_000);

  it('removes what nothing needs', async () => {
    const { digest } = await artifacts.put(Buffer.from('needed by nobody'));
    const keeper = await machine('keeper');
    // Stored just now: it is within the time that everything stays.
    expect(await keeper('gc')).toMatchObject({ code: 0 });
    expect(await artifacts.stat(digest)).toBeDefined();
    expect(await keeper('gc', '--grace-hours', '0')).toMatchObject({ code: 0 });
    expect(await artifacts.stat(digest)).toBeUndefined();
    expect(await listOf(artifacts)).toHaveLength(2);
  }, 300_000);
});
