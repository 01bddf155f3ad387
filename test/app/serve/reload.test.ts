import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { type Serving, serve } from '../../../src/app/serve/serve.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type Ended, runWeir } from '../cli/commands/run-weir.ts';

const projectOf = (title: string): string => `import { definePipeline, defineProject } from 'weir';
import { wait } from './tasks.ts';
export default defineProject({
  name: 'plain', title: '${title}', tasks: ['tasks.ts'],
  pipelines: [definePipeline({ name: 'waiting', description: '${title}', goals: () => [wait.goal({})] })],
});
`;
/** A task that says which code it is, once the file "gate" is there. */
const tasksOf = (word: string): string => `import { access, appendFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { defineTask, value, z } from 'weir';
const at = (name: string) => import.meta.dirname + '/' + name;
const isThere = (file: string) => access(file).then(() => true, () => false);
export const wait = defineTask({
  name: 'wait', params: z.object({}), outputs: { word: value<string>() },
  run: async () => {
    await appendFile(at('begun.log'), '${word} ');
    while (!(await isThere(at('gate')))) await setTimeout(20);
    await appendFile(at('ended.log'), '${word} ');
    return { word: '${word}' };
  },
});
`;

/** Only ends a broken test. */
const PATIENCE = { timeout: 60_000, interval: 50 };
const JSON_BODY = { 'content-type': 'application/json' };

let database: Database;
let folder: string;
let serving: Serving | undefined;
beforeEach(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-reload-'));
  await put('tasks.ts', tasksOf('one'));
  await put('project.ts', projectOf('One'));
});
afterEach(async () => {
  await put('gate', '');
  await serving?.stop();
  serving = undefined;
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const put = (file: string, text: string): Promise<void> => writeFile(path.join(folder, file), text);
const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8').catch(() => '');

async function start(variables: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const environment = { DATABASE_URL: database.url, WEIR_ENGINE__EXECUTOR: 'inline', ...variables };
  serving = await serve({
    ...{ projectFolder: folder, environment, version: '0.0.0', port: 0 },
    ...{ signal: new AbortController().signal, print: () => undefined, warn: () => undefined },
  });
  return serving;
}

// biome-ignore lint/suspicious/noExplicitAny: each test compares what it expects of an answer
async function ask(route: string, method = 'GET'): Promise<any> {
  const init = method === 'GET' ? {} : { method, headers: JSON_BODY, body: '{}' };
  return (await fetch(new URL(route, serving?.url), init)).json();
}
const project = () => ask('/api/project');
const problem = async (): Promise<string> => (await project()).loaded.problem?.message ?? 'none';
const run = async (): Promise<string> => (await ask('/api/pipelines/waiting/runs', 'POST')).runId;
const stateOf = async (id: string): Promise<string> => (await ask(`/api/runs/${id}`)).state;

describe('a project that changes while it is served', () => {
  it('is loaded again, and a run in progress ends with the code that it began with', async () => {
    await start();
    const first = await run();
    await expect.poll(() => read('begun.log'), PATIENCE).toBe('one ');
    await put('tasks.ts', tasksOf('two'));
    await put('project.ts', projectOf('Two'));
    await expect.poll(async () => (await project()).title, PATIENCE).toBe('Two');
    expect((await project()).pipelines).toContainEqual(expect.objectContaining({ description: 'Two' }));
    expect(await stateOf(first)).toBe('running');
    const second = await run();
    await expect.poll(() => read('begun.log'), PATIENCE).toBe('one two ');
    await put('gate', '');
    await expect.poll(() => stateOf(first), PATIENCE).toBe('succeeded');
    await expect.poll(() => stateOf(second), PATIENCE).toBe('succeeded');
    expect((await read('ended.log')).split(' ').sort()).toEqual(['', 'one', 'two']);
  });

  it('goes on as it was when it is broken, says file and line, and forgets that when it is mended', async () => {
    await start();
    await put('tasks.ts', `${tasksOf('two')}\nconst broken = ;\n`);
    await expect.poll(problem, PATIENCE).toMatch(/tasks\.ts:16: Unexpected ";"/);
    expect((await project()).title).toBe('One');
    expect(await read('.weir/logs/weir.log')).toContain('the changed project cannot be loaded');
    await put('project.ts', projectOf('Two').replace("name: 'plain'", 'name: 7'));
    await put('tasks.ts', tasksOf('two'));
    await expect.poll(problem, PATIENCE).toContain('project.ts could not be loaded');
    await put('project.ts', projectOf('Two'));
    await expect.poll(problem, PATIENCE).toBe('none');
    expect((await project()).title).toBe('Two');
  });

  it('takes settings from config/, except those that a running server keeps', async () => {
    await start();
    await mkdir(path.join(folder, 'config'));
    await put('config/base.yaml', 'log:\n  level: debug\n');
    await expect.poll(problem, PATIENCE).toContain('log.level in config/ was "info", is "debug"');
    await put('config/base.yaml', "schedules:\n  waiting: '0 0 1 1 *'\n");
    await expect.poll(problem, PATIENCE).toBe('none');
    expect((await project()).pipelines).toContainEqual(expect.objectContaining({ cron: '0 0 1 1 *' }));
  });

  it('is loaded on request when changes are not watched', async () => {
    await start({ WEIR_SERVER__RELOAD: 'false' });
    await put('project.ts', projectOf('Two'));
    expect(await project()).toMatchObject({ title: 'One', loaded: { isWatching: false } });
    expect(await ask('/api/project/reload', 'POST')).toMatchObject({ problem: null });
    expect((await project()).title).toBe('Two');
    await put('project.ts', 'export default {');
    expect((await ask('/api/project/reload', 'POST')).problem.message).toContain('does not build');
  });

  it('is loaded before a run of the command line, which says so, or says which project the run uses', async () => {
    await start({ WEIR_SERVER__RELOAD: 'false' });
    await put('gate', '');
    const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, folder, { DATABASE_URL: database.url });
    expect((await weir('run', 'waiting')).err).not.toContain('changed');
    await put('project.ts', projectOf('Two'));
    const beside = await weir('run', 'waiting');
    expect(beside).toMatchObject({ code: 0, err: expect.stringMatching(/^project\.ts changed since .*--reload/m) });
    expect((await project()).title).toBe('One');
    const reloaded = await weir('run', 'waiting', '--reload');
    expect(reloaded).toMatchObject({ code: 0, err: expect.stringContaining('has loaded the project again') });
    expect((await project()).title).toBe('Two');
    await put('project.ts', 'export default {');
    const refused = await weir('run', 'waiting', '--reload');
    expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('does not build') });
  });

  it('stops at once with runs of an earlier load, which the next start takes up', async () => {
    await start();
    const id = await run();
    await expect.poll(() => read('begun.log'), PATIENCE).toBe('one ');
    await put('project.ts', projectOf('Two'));
    await expect.poll(async () => (await project()).title, PATIENCE).toBe('Two');
    await put('gate', '');
    await serving?.stop();
    await start();
    await expect.poll(() => stateOf(id), PATIENCE).toBe('succeeded');
  });
});
