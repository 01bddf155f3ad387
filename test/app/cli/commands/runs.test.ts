import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine, defineTask, type Engine, GOALS_PIPELINE, inlineExecutor, value } from '#engine';
import { writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { createGate, type Gate } from '../../../engine/fixtures/gate.ts';
import { createWorkbench, type Workbench } from '../../../engine/fixtures/workbench.ts';
import { type Ended, runWeir } from './run-weir.ts';

let bench: Workbench;
let engine: Engine;
let gate: Gate;

const speak = defineTask({
  ...{ name: 'speak', version: '1', params: z.object({ word: z.string(), loud: z.boolean() }) },
  outputs: { nothing: value<null>() },
  run: async ({ params, log }) => {
    log(`saying ${params.word}`);
    // biome-ignore lint/suspicious/noConsole: what tasks print is what is tested.
    console.error('and printing');
    if (params.word.startsWith('wait')) {
      await gate.pass();
      log('waited');
    }
    if (params.word === 'fail') throw new Error('lost my voice\u0007');
    return { nothing: null };
  },
});

beforeAll(async () => {
  bench = await createWorkbench();
  // As a Weir that runs over the project notes it: commands that need no code ask its database alone.
  const state = path.join(bench.folder, '.weir');
  await mkdir(state);
  await writeFile(path.join(bench.folder, 'project.ts'), 'this does not build: it is being edited');
  await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: bench.database.url });
});
afterAll(() => bench.close());
beforeEach(() => {
  gate = createGate();
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({ tasks: [speak], database, artifacts, folder: `${folder}/attempts` });
  engine = createEngine({ database, artifacts, tasks: [speak], pipelines: [], executor });
});
afterEach(() => engine.close(0));

const LISTENERS = "select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'";
const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, bench.folder);
const say = async (...words: readonly string[]): Promise<string> => {
  const goals = words.map((word) => ({ task: 'speak', params: { loud: true, word } }));
  return (await engine.start({ pipeline: GOALS_PIPELINE, trigger: 'manual', params: { goals } })).runId;
};

describe('weir runs', () => {
  it('lists runs with state and reason, newest first, also while the project does not build', async () => {
    const first = await say('one');
    await engine.finished(first);
    const second = await say('fail');
    await engine.finished(second);
    const { code, out, err } = await weir('runs');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^ +${second}  failed .*manual +goals: .*lost my voice`));
    expect(lines[1]).toMatch(new RegExp(`^ +${first}  succeeded .*manual +goals$`));
    const failed = await weir('runs', '--state', 'failed', '--limit', '1', '--json');
    expect(JSON.parse(failed.out).items).toMatchObject([{ id: second, state: 'failed', isForced: false }]);
    expect((await weir('runs', '--pipeline', 'nightly')).out).toBe('No run matches\n');
    expect((await weir('runs', '--state', 'tired')).code).toBe(64);
  });
});

describe('weir logs', () => {
  it('prints the log of each attempt, with the stream and the error', async () => {
    const id = await say('one more', 'fail');
    await engine.finished(id);
    const { code, out } = await weir('logs', id);
    expect(code).toBe(0);
    expect(out).toContain('speak(loud=true, word="one more"), attempt 1\n  saying one more\n  [stderr] and printing\n');
    expect(out).toContain('  [stderr] and printing\n  [failed] Error: lost my voice\ufffd\n');
    const some = await weir('logs', id, 'speak(word="one more")', '--json');
    expect(JSON.parse(some.out)).toMatchObject({ runId: id, state: 'failed', logs: [{ task: 'speak', number: 1 }] });
  });

  it('is followed while the run continues, and ends with it', async () => {
    const id = await say('wait');
    await gate.reached();
    const isLogged = () => bench.database.query('select 1 from attempts where run_id = $1 and log is not null', [id]);
    await expect.poll(isLogged).toHaveLength(1);
    const before = await weir('logs', id);
    expect(before.out).toContain('saying wait\n  [stderr] and printing\n');
    const listeners = async () => (await bench.database.query<{ pid: number }>(LISTENERS)).map(({ pid }) => pid);
    const others = await listeners();
    let hasEnded = false;
    const following = weir('logs', id, '--follow').finally(() => {
      hasEnded = true;
    });
    await expect.poll(async () => hasEnded || (await listeners()).some((pid) => !others.includes(pid))).toBe(true);
    gate.open();
    await engine.finished(id);
    expect(await following).toEqual({ code: 0, out: `${before.out}  waited\n`, err: '' });
    const lines = (await weir('logs', id, '--follow', '--json')).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { task: 'speak', attempt: 1, outcome: 'succeeded', lines: ['saying wait', '[stderr] and printing', 'waited'] },
    ]);
  });

  it('is not waited for when no process works on the run', async () => {
    const [run] = await bench.database.query<{ id: string }>(
      `insert into runs (pipeline, state, trigger) values ('goals', 'queued', 'manual') returning id::text`,
    );
    const id = run?.id ?? '';
    expect(await weir('logs', id)).toEqual({ code: 0, out: `No attempt of run ${id} has logged anything\n`, err: '' });
    const followed = await weir('logs', id, '--follow');
    expect(followed).toMatchObject({ code: 1, err: expect.stringMatching(/is queued, and no process works on it/) });
    expect(await weir('cancel', id)).toMatchObject({ code: 0 });
  });

  it.each([['404404'], ['abc'], ['99999999999999999999']])('says that there is no run %s', async (id) => {
    for (const args of [
      ['logs', id],
      ['logs', id, 'speak'],
      ['logs', id, '--follow'],
      ['cancel', id],
    ]) {
      const { code, err } = await weir(...args);
      expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(`There is no run ${id}`) });
    }
  });
});

describe('weir cancel', () => {
  it('cancels a run of another process, with who and why', async () => {
    await engine.recover();
    const id = await say('wait longer');
    await gate.reached();
    const cancelled = await weir('cancel', id, '--by', 'ann', '--reason', 'too loud');
    expect(cancelled).toEqual({ code: 0, out: `Run ${id} is being cancelled\n`, err: '' });
    expect(await engine.finished(id)).toBe('cancelled');
    const [run] = JSON.parse((await weir('runs', '--limit', '1', '--json')).out).items;
    expect(run).toMatchObject({ id, state: 'cancelled', reason: 'cancelled by ann: too loud' });
    const again = await weir('cancel', id, '--json');
    expect(again.code).toBe(1);
    expect(JSON.parse(again.out)).toMatchObject({ runId: id, isCancelled: false });
  });
});
