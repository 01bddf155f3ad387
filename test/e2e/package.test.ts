import { execFile } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { plantsCsv } from '../fixtures/datasets.ts';
import { chooseKills } from '../kills/choose-kills.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { NPM, type PackedWeir, packWeir, writeFiles } from './packed-weir.ts';
import { walk } from './walk/walk.ts';
import { houses, plants, sensors, titanic, type WalkedData } from './walk/walked-data.ts';
import { canTestPages, launchChromium, PATIENCE_MS } from './web/browser.ts';
import { cleanEnvironment, startWeir } from './weir-process.ts';

const run = promisify(execFile);
/** A project with a task, a contract, and a package of its workspace that is written in TypeScript. */
const PROJECT: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'own', private: true, type: 'module' }),
  'project.ts': `import { definePipeline, defineProject } from 'weir';
import { greet } from './tasks.ts';
export default defineProject({ name: 'own', title: 'Own', tasks: ['tasks.ts'],
  pipelines: [definePipeline({ name: 'greet', goals: () => [greet.goal({ who: 'world' })] })] });`,
  'tasks.ts': `import { hello } from '@team/words';
import { defineTask, value, z } from 'weir';
export const greet = defineTask({ name: 'greet', params: z.object({ who: z.string() }), outputs: { text: value<string>() },
  run: async ({ params }) => ({ text: hello(params.who) }) });`,
  'contract.ts': `import { defineContract, integer } from 'weir';
export const contract = defineContract({ name: 'numbers', columns: { a: integer() } });`,
  'numbers.csv': 'a\n1\nx\n',
};
const WORDS: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: '@team/words', exports: './index.ts' }),
  'index.ts': "export const hello = (who: string): string => 'hello ' + who;\n",
};

let packed: PackedWeir;
const databases: Database[] = [];
beforeAll(async () => {
  packed = await packWeir();
});
afterAll(async () => {
  for (const database of databases) await database.close();
  await packed?.remove();
});

async function newDatabase(): Promise<Database> {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
}

async function makeProject(name: string): Promise<string> {
  const folder = path.join(packed.root, name);
  await writeFiles(folder, PROJECT);
  await writeFiles(path.join(packed.root, `${name}-words`), WORDS);
  return folder;
}

async function expectToWork(folder: string, weir: string): Promise<void> {
  await mkdir(path.join(folder, 'node_modules/@team'), { recursive: true });
  await symlink(`${folder}-words`, path.join(folder, 'node_modules/@team/words'));
  const database = await newDatabase();
  const options = { cwd: folder, env: cleanEnvironment({ DATABASE_URL: database.url }) };
  const ran = await run(process.execPath, [weir, 'run', 'greet', '--json'], options);
  expect(JSON.parse(ran.stdout)).toMatchObject({ state: 'succeeded', taskRuns: [{ task: 'greet' }] });
  const [made] = await database.query<{ outputs: unknown }>(`select outputs from manifests where task = 'greet'`);
  expect(JSON.stringify(made?.outputs)).toContain('hello world');
  const checked = run(process.execPath, [weir, 'check', 'numbers.csv', '--contract', 'contract.ts', '--json'], options);
  // Its exit code says that the file is bad.
  const { stdout } = await checked.catch((ended: { readonly stdout: string }) => ended);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fail' });
}

describe('the package', () => {
  it('holds what runs, and nothing that a run or a test left in the clone', () => {
    expect(packed.files).toEqual(
      expect.arrayContaining([
        ...['bin/weir.mjs', 'dist/app/main.js', 'dist/app/library.js', 'dist/app/library.d.ts', 'dist/web/index.html'],
        ...['database/schema.sql', 'docs/engine.md', 'examples/titanic/project.ts', 'examples/titanic/data/counts.csv'],
      ]),
    );
    expect(
      packed.files.filter((file) => /\.weir\/|(raw|good|bad)-data\/|\.test\.|^(src|test|node_modules)\//.test(file)),
    ).toEqual([]);
  });

  it('runs a project that has it installed', async () => {
    const own = await makeProject('unpacking');
    await expectToWork(own, await packed.install(own));
  });

  it('creates a project from a CSV file whose first test passes, with types for an editor', async () => {
    const empty = path.join(packed.root, 'typed');
    const program = await packed.install(empty);
    await writeFiles(empty, { 'plants.csv': plantsCsv() });
    const env = cleanEnvironment({});
    await run(process.execPath, [program, 'init', 'plants.csv', '--label', 'species'], { cwd: empty, env });
    const project = path.join(empty, 'plants');
    const options = { cwd: project, env };
    expect((await run(process.execPath, ['--test'], options)).stdout).toContain('the data meet the contract');
    // As an editor does: what is imported from `weir` has types, so a wrong option is found.
    const tsc = path.resolve('node_modules/.bin/tsc');
    await run(tsc, ['--project', project], options);
    await writeFiles(project, { 'wrong.ts': "import { number } from 'weir';\nexport default number({ mni: 0 });\n" });
    await expect(run(tsc, ['--project', project], options)).rejects.toMatchObject({
      stdout: expect.stringMatching(/wrong\.ts.*'mni' does not exist/),
    });
  });

  it('runs a project outside the clone that has the clone installed', async () => {
    const own = await makeProject('linking');
    await run('npm', ['install', ...NPM, packed.clone], { cwd: own, env: cleanEnvironment({}) });
    await expectToWork(own, path.join(own, 'node_modules/.bin/weir'));
  });
});

/** Nothing but what the walk does happens while it does it. */
const NO_SCHEDULES = Object.fromEntries(
  ['FEED', 'INGEST', 'LABELS', 'PREDICT', 'TRAIN', 'MONITOR', 'CLEANUP'].map((name) => [
    `WEIR_SCHEDULES__${name}`,
    'off',
  ]),
);

describe.skipIf(!canTestPages())('the package, installed in an empty folder', () => {
  let folder: string;
  let program: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = path.join(packed.root, 'empty');
    program = await packed.install(folder);
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  // Each takes up to half a minute: one of them in every run, chosen by its seed, and all in a full run, which CI does.
  it.each(
    chooseKills([houses, plants, sensors, titanic], { test: 'walked projects', extra: 0, pointOf: () => 'project' }),
  )('serves $name, and learns from the rows that arrive and what really happened to them', async (data) => {
    const { url } = await newDatabase();
    const weir = await startWeir({
      cwd: folder,
      command: [process.execPath, program, ...(await commandFor(data)), '--port', '0'],
      env: { ...NO_SCHEDULES, DATABASE_URL: url },
    });
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    try {
      await walk({ page, url: weir.url, data });
    } finally {
      await context.close();
      expect(await weir.stop()).toBe(0);
    }
    expect(errors).toEqual([]);
  });

  /** What somebody types who has a CSV file, or, without one, who has the example. */
  async function commandFor({ name, label, history }: WalkedData): Promise<readonly string[]> {
    if (history !== undefined) {
      await writeFiles(folder, { [`${name}.csv`]: history });
      return ['init', `${name}.csv`, '--label', label, '--serve'];
    }
    await cp(path.join(folder, 'node_modules/weir/examples', name), path.join(folder, name), { recursive: true });
    return ['serve', '--project', name];
  }
});
