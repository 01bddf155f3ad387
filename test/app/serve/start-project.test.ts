import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { configSchema } from '../../../src/app/project/config.ts';
import { makeState } from '../../../src/app/project/make-folders.ts';
import { pathsOf } from '../../../src/app/project/paths.ts';
import { maybeRunning, removeServerFile, writeServerFile } from '../../../src/app/serve/server-file.ts';
import { startProject } from '../../../src/app/serve/start-project.ts';
import { Unwinding } from '../../../src/app/serve/unwinding.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const PROJECT = `export default { name: 'plain', title: 'Plain', tasks: [], pipelines: [], sources: [] };`;

let database: Database;
let folder: string;
const stacks: Unwinding[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-project-'));
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
});
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.unwind();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => database.close());

const state = (): string => path.join(folder, '.weir');

/** Starts the project over a database that its settings name; answers with what ends it. */
async function start(): Promise<Unwinding> {
  const stack = new Unwinding();
  stacks.push(stack);
  const config = configSchema.parse({ database: { url: database.url } });
  const paths = pathsOf(folder, config);
  await makeState(paths, () => undefined);
  await startProject({
    ...{ config, paths, stack, own: new Unwinding(), log: pino({ level: 'silent' }) },
    ...{
      version: '0.0.0',
      apiUrl: 'http://127.0.0.1:1',
      signal: new AbortController().signal,
      show: (_, work) => work(),
    },
  });
  return stack;
}

describe('a project over a database of the user', () => {
  it('has one owner of its state folder, which a second start leaves alone', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(`in use by process ${process.pid}`);
    await writeServerFile(state(), { url: 'http://127.0.0.1:4711', databaseUrl: database.url });
    const noted = await readFile(path.join(state(), 'server.json'), 'utf8');
    await expect(start()).rejects.toThrow(
      `Weir already runs over ${state()}: process ${process.pid}, at http://127.0.0.1:4711`,
    );
    // What the refused starts undid.
    for (const refused of stacks.filter((stack) => stack !== first)) await refused.unwind();
    expect(await readFile(path.join(state(), 'server.json'), 'utf8')).toBe(noted);
    await expect(start()).rejects.toThrow('already runs');
    await first.unwind();
    await start();
  });

  it('is free again after a start that failed', async () => {
    await rm(path.join(folder, 'project.ts'));
    const failed = start();
    await expect(failed).rejects.toThrow('Expected a project file');
    for (const stack of stacks.splice(0)) await stack.unwind();
    await writeFile(path.join(folder, 'project.ts'), PROJECT);
    await start();
  });

  it.each(['.', '..', '/'])('is not opened with %s for its state, which others could not enter any more', (at) => {
    const config = configSchema.parse({ state: { folder: at } });
    expect(() => pathsOf(folder, config)).toThrow(/state\.folder to be a folder for state alone.*holds the project/);
  });

  it('keeps its state where only its user may look', async () => {
    await start();
    expect((await stat(state())).mode & 0o777).toBe(0o700);
  });
});

describe('the state of a project', () => {
  const make = async (): Promise<string> => {
    let said = '';
    await makeState(pathsOf(folder, configSchema.parse({})), (text) => {
      said += text;
    });
    return said;
  };

  it('is made where only its user may look, without a word', async () => {
    await mkdir(state());
    await chmod(state(), 0o755);
    expect(await make()).toBe('');
    expect((await stat(state())).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.platform === 'win32')(
    'is said to be open where all may look and that is not to change',
    async () => {
      await mkdir(state());
      await chmod(state(), 0o1777);
      expect(await make()).toMatch(
        /Other users can read the state folder .*\.weir \(its mode is 777\).* state\.folder/,
      );
    },
  );

  it('is refused in words when it is a file', async () => {
    await writeFile(state(), '');
    await expect(make()).rejects.toThrow(/Could not write in the folder .*\.weir \(EEXIST/);
  });
});

describe('what a running Weir noted', () => {
  const write = async (change: object): Promise<void> => {
    await writeFile(
      path.join(folder, 'server.json'),
      JSON.stringify({ url: 'http://127.0.0.1:1', databaseUrl: '', ...change }),
    );
  };

  it('is believed of this very process', async () => {
    await writeServerFile(folder, { url: 'http://127.0.0.1:4711', databaseUrl: 'postgres://db' });
    expect(await maybeRunning(folder)).toMatchObject({ url: 'http://127.0.0.1:4711', pid: process.pid });
    expect((await stat(path.join(folder, 'server.json'))).mode & 0o777).toBe(0o600);
    await removeServerFile(folder);
    expect(await maybeRunning(folder)).toBeUndefined();
    await expect(access(path.join(folder, 'server.json'))).rejects.toThrow('ENOENT');
  });

  it.each([
    // After a restart of a container the pids are the same ones again.
    ['an earlier process with the same pid', { pid: process.pid, process: `${process.pid}-00000000-00000000` }],
    ['a process that nobody can tell from others', { pid: process.pid }],
    ['half a sentence', { pid: 'unknown' }],
  ])('is not believed of %s', async (_, noted) => {
    await write(noted);
    expect(await maybeRunning(folder)).toBeUndefined();
  });
});
