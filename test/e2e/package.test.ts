import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { plantsCsv } from '../fixtures/datasets.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { cleanEnvironment, startWeir } from './weir-process.ts';

const run = promisify(execFile);
/** No registry, whatever is asked: a test that needs one fails where there is none. */
const NPM = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];

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

let root: string;
let clone: string;
const databases: Database[] = [];
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'weir-package-'));
  clone = path.join(root, 'clone');
  for (const part of ['package.json', 'README.md', 'LICENSE', 'bin', 'dist', 'database', 'docs', 'examples'])
    await cp(part, path.join(clone, part), { recursive: true });
  // What the packages of the clone are to Node, and of what is unpacked below this folder.
  for (const folder of [clone, root]) await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  // What Weir leaves behind where it ran.
  const left = ['.weir/server.json', 'raw-data/people.csv', 'good-data/people.csv', 'bad-data/people.csv'];
  await write(path.join(clone, 'examples/titanic'), Object.fromEntries(left.map((file) => [file, 's3cret'])));
});
afterAll(async () => {
  for (const database of databases) await database.close();
  await rm(root, { recursive: true, force: true });
});

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}

async function makeProject(name: string): Promise<string> {
  const folder = path.join(root, name);
  await write(folder, PROJECT);
  await write(path.join(root, `${name}-words`), WORDS);
  return folder;
}

async function expectToWork(folder: string, weir: string): Promise<void> {
  await mkdir(path.join(folder, 'node_modules/@team'), { recursive: true });
  await symlink(`${folder}-words`, path.join(folder, 'node_modules/@team/words'));
  const database = await createTestDatabase();
  databases.push(database);
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
  let tarball: string;
  let files: readonly string[];
  beforeAll(async () => {
    const env = cleanEnvironment({});
    const { stdout } = await run('npm', ['pack', ...NPM, '--json', '--pack-destination', root], { cwd: clone, env });
    const [packed] = JSON.parse(stdout);
    tarball = path.join(root, packed.filename);
    files = packed.files.map((file: { readonly path: string }) => file.path);
  });

  it('holds what runs, and nothing that a run or a test left in the clone', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        ...['bin/weir.mjs', 'dist/app/main.js', 'dist/app/library.js', 'dist/app/library.d.ts', 'dist/web/index.html'],
        ...['database/schema.sql', 'docs/engine.md', 'examples/titanic/project.ts', 'examples/titanic/data/counts.csv'],
      ]),
    );
    expect(
      files.filter((file) => /\.weir\/|(raw|good|bad)-data\/|\.test\.|^(src|test|node_modules)\//.test(file)),
    ).toEqual([]);
  });

  /** Unpacks it where npm would install it, and resolves to its program. */
  async function install(folder: string): Promise<string> {
    const weir = path.join(folder, 'node_modules/weir');
    const program = path.join(weir, 'bin/weir.mjs');
    await mkdir(weir, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', weir, '--strip-components=1']);
    await mkdir(path.join(folder, 'node_modules/.bin'));
    await symlink(program, path.join(folder, 'node_modules/.bin/weir'));
    return program;
  }

  it('runs a project that has it installed', async () => {
    const own = await makeProject('unpacking');
    await expectToWork(own, await install(own));
  });

  it('turns a CSV file in an empty folder into predictions, with one command and no file edited', async () => {
    const empty = path.join(root, 'empty');
    const program = await install(empty);
    await writeFile(path.join(empty, 'plants.csv'), plantsCsv());
    const database = await createTestDatabase();
    databases.push(database);
    const weir = await startWeir({
      cwd: empty,
      command: [process.execPath, program, 'init', 'plants.csv', '--label', 'species', '--serve', '--port', '0'],
      env: { DATABASE_URL: database.url },
    });
    try {
      const answer = await fetch(new URL('/api/predict', weir.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ 'sepal length (cm)': 4.1, 'petal length (cm)': 2.1, 'petal width (cm)': 1.1 }),
      });
      expect(await answer.json()).toMatchObject({ predictions: [{ prediction: 'crocus' }] });
    } finally {
      expect(await weir.stop()).toBe(0);
    }
    const project = path.join(empty, 'plants');
    const options = { cwd: project, env: cleanEnvironment({}) };
    expect((await run(process.execPath, ['--test'], options)).stdout).toContain('the data meet the contract');
    // As an editor does: what is imported from `weir` has types, so a wrong option is found.
    const tsc = path.resolve('node_modules/.bin/tsc');
    await run(tsc, ['--project', project], options);
    await writeFile(
      path.join(project, 'wrong.ts'),
      "import { number } from 'weir';\nexport default number({ mni: 0 });\n",
    );
    await expect(run(tsc, ['--project', project], options)).rejects.toMatchObject({
      stdout: expect.stringMatching(/wrong\.ts.*'mni' does not exist/),
    });
  });

  it('runs a project outside the clone that has the clone installed', async () => {
    const own = await makeProject('linking');
    await run('npm', ['install', ...NPM, clone], { cwd: own, env: cleanEnvironment({}) });
    await expectToWork(own, path.join(own, 'node_modules/.bin/weir'));
  });
});
