import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { routes, type TaskRunResult } from '#api';
import { blob, createEngine, defineTask, file, getRun, inlineExecutor, rows, value } from '#engine';
import { ask, createWorld, type World } from './world.ts';

let world: World;
let folder: string;
let runId: string;
/** Task name to the identity of its goal. */
let goals: ReadonlyMap<string, string>;

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

const makeAll = defineTask({
  name: 'make-all',
  params: z.object({}),
  outputs: {
    small: value<object>(),
    large: value<string>(),
    table: blob(),
    picture: blob(),
    placed: file(),
    written: rows({ table: 'public.numbers' }),
  },
  run: async ({ blob: store, file: place, folder: own, rows: write }) => {
    await writeFile(path.join(own, 'placed.txt'), 'placed');
    return {
      small: { good: 2 },
      large: 'x'.repeat(100_000),
      table: await store(Buffer.from('a,b\n1,2\n')),
      picture: await store(Buffer.from(SVG)),
      placed: await place(path.join(own, 'placed.txt'), path.join(folder, 'placed ü.txt')),
      written: await write('written', async () => 3),
    };
  },
});
const readIt = defineTask({
  name: 'read-it',
  params: z.object({}),
  inputs: () => ({ made: makeAll.goal({}) }),
  outputs: { size: value<number>() },
  run: async ({ inputs }) => ({ size: inputs.made.large.length }),
});
const failing = defineTask({
  name: 'failing',
  params: z.object({}),
  outputs: { never: value<number>() },
  run: async () => Promise.reject(new Error('no')),
});
const tasks = [makeAll, readIt, failing];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weir-outputs-'));
  world = await createWorld({
    factsOf: ({ task, output, params }) => ({
      table: output === 'written' ? 'public.numbers' : undefined,
      links: task === 'read-it' ? [{ kind: 'dataset', id: String(params.dataset) }] : [],
    }),
  });
  const { database, artifacts } = world;
  const executor = inlineExecutor({ tasks, database, artifacts, slots: 2, folder: path.join(folder, 'attempts') });
  const plan = async () => ({
    ...{ kind: 'run' as const, params: { dataset: 4 } },
    goals: [readIt.goal({}), failing.goal({})],
  });
  const pipelines = [{ name: 'all', description: 'All kinds of outputs', plan }];
  const fingerprints = new Map(tasks.map(({ name }) => [name, `code-of-${name}`]));
  const engine = await createEngine({ database, artifacts, tasks, pipelines, executor, fingerprints });
  ({ runId } = await engine.start({ pipeline: 'all', trigger: 'manual' }));
  await engine.finished(runId);
  await engine.close();
  const run = await getRun(database, runId);
  goals = new Map(run?.taskRuns.map(({ task, goal }) => [task, goal]));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const resultOf = async (task: string): Promise<TaskRunResult> => {
  const params = { id: runId, goal: goals.get(task) ?? '' };
  return (await ask(world, routes.taskRunResult, { params })).json;
};
const outputOf = async (name: string) => (await resultOf('make-all')).outputs.find((output) => output.name === name);
const fetchOutput = async (name: string) =>
  world.server.inject({ method: 'GET', url: (await outputOf(name))?.contentUrl ?? '/none' });

describe('the result of a task run', () => {
  it('lists its inputs, and each output with a preview of its kind', async () => {
    expect(await outputOf('small')).toMatchObject({
      ...{ kind: 'value', sizeBytes: 10, preview: { kind: 'json', text: '{\n  "good": 2\n}', isCut: false } },
    });
    expect(await outputOf('large')).toMatchObject({ kind: 'value', preview: { isCut: true } });
    expect(await outputOf('table')).toMatchObject({ kind: 'blob', preview: { kind: 'table', rowCount: 1 } });
    expect(await outputOf('picture')).toMatchObject({ preview: { kind: 'image', mediaType: 'image/svg+xml' } });
    expect(await outputOf('placed')).toMatchObject({ path: path.join(folder, 'placed ü.txt'), isStored: true });
    expect(await outputOf('written')).toMatchObject({
      ...{ kind: 'rows', rowCount: 3, table: 'public.numbers', sink: null, contentUrl: null, preview: null },
    });
    const { inputs, runId: madeBy } = await resultOf('read-it');
    expect(inputs).toEqual([{ name: 'made', task: 'make-all', key: (await resultOf('make-all')).key }]);
    expect(madeBy).toBe(runId);
  });

  it('leads to the records that the project names, by the params of the goal and of the run', async () => {
    expect((await resultOf('read-it')).outputs[0]?.links).toEqual([{ kind: 'dataset', id: '4' }]);
  });

  it('is empty until there is one', async () => {
    expect(await resultOf('failing')).toEqual({
      ...{ version: null, key: null, runId: null, committedAt: null, inputs: [], outputs: [] },
    });
  });

  it.each([
    ['9999999', 'x'],
    ['1', '404'],
    ['1; drop table runs', 'x'],
  ])('is not found for run %s and goal %s', async (id, goal) => {
    const answer = await ask(world, routes.taskRunResult, { params: { id, goal } });
    expect(answer).toMatchObject({ status: 404, json: { code: 'task_run_unknown' } });
  });
});

describe('the bytes of an output', () => {
  it('are saved by a browser, whole', async () => {
    const table = await fetchOutput('table');
    expect([table.body, table.headers['content-type']]).toEqual(['a,b\n1,2\n', 'application/octet-stream']);
    expect(table.headers['content-disposition']).toBe('attachment');
    expect((await fetchOutput('small')).json()).toEqual({ good: 2 });
    expect((await fetchOutput('large')).json()).toHaveLength(100_000);
    const placed = await fetchOutput('placed');
    expect(placed.body).toBe('placed');
    expect(placed.headers['content-disposition']).toContain("filename*=UTF-8''placed%20%C3%BC.txt");
  });

  it('of a picture are shown, and run no script', async () => {
    const picture = await fetchOutput('picture');
    expect([picture.body, picture.headers['content-type']]).toEqual([SVG, 'image/svg+xml']);
    expect(picture.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
  });

  it('are said to be gone when a file was changed or a blob removed', async () => {
    await writeFile(path.join(folder, 'placed ü.txt'), 'edited');
    expect(await outputOf('placed')).toMatchObject({ isStored: false, contentUrl: null, preview: null });
    const { digest = '', contentUrl } = (await outputOf('table')) ?? {};
    await world.artifacts.delete(digest);
    expect(await outputOf('table')).toMatchObject({ isStored: false, contentUrl: null });
    const gone = await world.server.inject({ method: 'GET', url: contentUrl ?? '/none' });
    expect([gone.statusCode, gone.json().code]).toEqual([410, 'output_missing']);
  });
});
