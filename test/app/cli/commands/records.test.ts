import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine, defineTask, GOALS_PIPELINE, inlineExecutor, value } from '#engine';
import { writeServerFile } from '../../../../src/app/serve/server-file.ts';
import { createWorkbench, type Workbench } from '../../../engine/fixtures/workbench.ts';
import { type Ended, runWeir } from './run-weir.ts';

const make = defineTask({
  ...{ name: 'make', version: '1', params: z.object({}), outputs: { text: value<string>() } },
  run: async () => ({ text: 'made' }),
});

let bench: Workbench;
let run: string;
let version: string;
beforeAll(async () => {
  bench = await createWorkbench();
  const state = path.join(bench.folder, '.weir');
  await mkdir(state);
  await writeFile(path.join(bench.folder, 'project.ts'), 'this does not build: it is being edited');
  await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: bench.database.url });
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({ tasks: [make], database, artifacts, folder: `${folder}/attempts` });
  const engine = createEngine({ database, artifacts, tasks: [make], pipelines: [], executor });
  const goals = [{ task: 'make', params: {} }];
  run = (await engine.start({ pipeline: GOALS_PIPELINE, trigger: 'manual', params: { goals } })).runId;
  await engine.finished(run);
  await engine.close(0);
  const [made] = await database.query<{ version: string }>('select version::text from manifests');
  version = made?.version ?? '';
});
afterAll(() => bench.close());

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, bench.folder);
const why = ['--by', 'ann', '--reason', 'the report of May'] as const;

describe('weir pins', () => {
  it('pins a version and a run, lists both, and withdraws them, on record', async () => {
    expect((await weir('pins')).out).toBe('Nothing is pinned\n');
    const first = JSON.parse((await weir('pins', 'version', version, ...why, '--json')).out);
    expect(first).toEqual({ pin: expect.any(String), version });
    const second = await weir('pins', 'run', run, ...why);
    expect(second).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`^Pin \\d+ keeps run ${run}\n$`)) });
    expect((await weir('pins')).out).toMatch(
      new RegExp(`run ${run} .* by ann: the report of May\n.* version ${version} .* by ann: the report of May\n$`),
    );
    expect((await weir('pins', 'withdraw', first.pin, '--by', 'bob')).code).toBe(0);
    expect((await weir('pins')).out).not.toContain('version');
    expect((await weir('pins', '--all')).out).toMatch(/version .*; withdrawn by bob at /);
  });

  it.each([
    [['version', '999999', ...why], /no version 999999/],
    [['run', '999999', ...why], /no run 999999/],
    [['run', 'last', ...why], /Expected/],
    [['withdraw', '999999'], /no pin 999999/],
    [['withdraw', 'all'], /Expected/],
  ] as const)('refuses %j', async (args, said) => {
    expect(await weir('pins', ...args)).toMatchObject({ code: 64, err: expect.stringMatching(said) });
  });
});

describe('weir incidents', () => {
  it('lists what was damaged or missing, whose it was, and what was done', async () => {
    expect((await weir('incidents')).out).toBe('No stored result was found damaged or missing\n');
    await bench.database.query(
      `insert into incidents (kind, digest, found_by, action, goals)
       values ('damaged', 'abcdef0123456789', 'scrub', 'removed', array['make{}'])`,
    );
    expect((await weir('incidents')).out).toMatch(/ damaged {2}abcdef012345, found by scrub: removed\n {4}make\{\}\n$/);
    expect(JSON.parse((await weir('incidents', '--json')).out).incidents).toHaveLength(1);
  });
});

describe('weir acceptances', () => {
  it('lists what was accepted, of one task or of all', async () => {
    expect((await weir('acceptances')).out).toBe('No result was accepted\n');
    await bench.database.query(
      `insert into acceptances (task, goal, from_code, to_code, from_key, to_key, from_version, to_version, actor, reason)
       values ('make', 'g', 'c', 'd', 'k', 'l', 1, 2, 'ann', 'only words changed')`,
    );
    expect((await weir('acceptances', 'make')).out).toMatch(/make: version 1 as 2, by ann: only words changed\n$/);
    expect((await weir('acceptances', 'other')).out).toBe('No result was accepted\n');
  });
});

describe('weir sources', () => {
  it('says what a run saw of each source, with its warning', async () => {
    await bench.database.query(
      `insert into run_pins (run_id, source, listing, warning) values ($1, 'posts', 7, 'the source could not be listed')`,
      [run],
    );
    expect((await weir('sources', '--run', run)).out).toBe('posts: listing 7; the source could not be listed\n');
    expect(await weir('sources', '--run', '999999')).toMatchObject({
      code: 64,
      err: expect.stringContaining('no run'),
    });
  });

  it('lists removals with who confirmed them, and why', async () => {
    expect((await weir('sources', 'removals')).out).toBe('No removal had to be confirmed\n');
    await bench.database.query(
      `insert into source_removals (source, names, partition_count, state, decided_at, actor, reason)
       values ('posts', '{a,b}', 3, 'confirmed', now(), 'ann', 'moved')`,
    );
    expect((await weir('sources', 'removals')).out).toMatch(/posts {2}2 of 3 .* confirmed by ann: moved\n$/);
  });
});
