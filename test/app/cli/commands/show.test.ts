import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { createTestDatabase } from '../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from './run-weir.ts';

const TASKS = `
import { blob, defineTask, rows, value, z } from 'weir';

export const measure = defineTask({
  name: 'measure',
  version: '1',
  params: z.object({ file: z.string(), unit: z.string() }),
  outputs: { size: value<number>() },
  run: async ({ params }) => ({ size: params.file.length }),
});
export const collect = defineTask({
  name: 'collect',
  version: '1',
  params: z.object({ unit: z.string(), digest: z.string() }),
  inputs: ({ unit }) => ({
    one: measure.goal({ file: 'a.csv', unit }),
    other: measure.goal({ file: 'bb.csv', unit }),
  }),
  outputs: { facts: value<object>(), table: blob(), written: rows({ table: 'public.sizes' }) },
  run: async ({ inputs, blob: store, rows: write }) => ({
    facts: { sizes: [inputs.one.size, inputs.other.size] },
    table: await store(Buffer.from('name,size\\na,5\\nbb,6\\n')),
    written: await write('written', async () => 2),
  }),
});
`;
const PROJECT = `
import { defineProject } from 'weir';
export default defineProject({ name: 'sizes', title: 'Sizes', tasks: ['tasks.ts'] });
`;
const DIGEST = 'c'.repeat(64);
const GOAL = `collect(unit="cm", digest="${DIGEST}")`;

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-show-'));
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
  await writeFile(path.join(folder, 'tasks.ts'), TASKS);
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, { DATABASE_URL: database.url });

describe('a goal and its run on the terminal', () => {
  it('are shown with state, key, run, inputs and outputs, and with the params that tell task runs apart', async () => {
    const before = await weir('show', GOAL);
    expect(before).toMatchObject({ code: 1, out: expect.stringContaining('would be computed') });
    expect(before.out).toContain('digest="cccccccccccc…"');
    expect(await weir('run', GOAL)).toMatchObject({ code: 0 });

    const { code, out } = await weir('show', GOAL);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^collect\(.*\): complete\n {2}version \d+, made by run 1 at \S+Z\n {2}key {5}[0-9a-f]{12}, version 1\n/,
    );
    expect(out).toMatch(/ {2}input {3}one: measure, key [0-9a-f]{12}\n {2}input {3}other: measure, key [0-9a-f]{12}\n/);
    expect(out).toMatch(
      /output {2}table: CSV, 2 rows, 2 columns, 19 B, digest [0-9a-f]{12}\n {4}name {2}size\n {4}a {5}5\n/,
    );
    expect(out).toContain("written: 2 rows in table public.sizes of Weir's own database\n");
    expect(out).toContain('"sizes": [');
    const json = JSON.parse((await weir('show', GOAL, '--json')).out);
    expect(json).toMatchObject({ state: 'complete', runId: '1', inputs: { one: { task: 'measure' } } });
    expect(json.outputs.map(({ name }: { name: string }) => name).sort()).toEqual(['facts', 'table', 'written']);

    const run = await weir('runs', 'show', '1');
    expect(run.out).toContain('measure(file="a.csv")\n');
    expect(run.out).toContain('measure(file="bb.csv")\n');
    expect(run.out).toContain('collect(unit="cm", digest="cccccccccccc…")\n');
    expect(await weir('runs', 'show', '99')).toMatchObject({ code: 64, err: expect.stringContaining('no run 99') });

    const copy = path.join(folder, 'copy.csv');
    expect(await weir('result', GOAL, '--name', 'table', '--output', copy)).toMatchObject({ code: 0 });
    expect(await readFile(copy, 'utf8')).toBe('name,size\na,5\nbb,6\n');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
