import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processExecutor } from '#engine';
import { programUrl } from '../../programs/programs.ts';
import { behave, look, lookInBatch, lookWhileWriting, nosyTasks, type Sight, sights } from '../fixtures/nosy-tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
type Strict = 'fail' | 'report' | 'off';
/** One for each mode. A process that names a place runs from its sources, which start slowly. */
const open = new Map<Strict, TestEngine>();
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  for (const engine of open.values()) await engine.close();
  await bench.close();
});
const freshPath = (): string => path.join(bench.folder, `${randomUUID()}.txt`);

describe('strict', () => {
  const engineOn = (strict: Strict): TestEngine => {
    const known = open.get(strict);
    if (known !== undefined) return known;
    const entry = strict === 'off' ? programUrl('nosy-child') : new URL('../fixtures/nosy-child.ts', import.meta.url);
    const executor = processExecutor({
      ...{ entry, argv: [bench.database.url, bench.folder], slots: 1 },
      // It is off unless it is asked for.
      ...(strict === 'off' ? {} : { strict }),
    });
    const engine = createTestEngine(bench, { tasks: nosyTasks, executor });
    open.set(strict, engine);
    return engine;
  };
  const EXPECTED: Readonly<Record<Sight, RegExp>> = {
    'environment variable': /environment HOME/,
    'environment names': /environment all variables/,
    'environment question': /environment HOME/,
    'host name': /environment os.hostname\(\)/,
    file: /file \/etc\/hostname/,
    'file at once': /file \/etc\/passwd/,
    'file as a stream': /file \/etc\/passwd/,
    'temporary folder': /environment os.tmpdir\(\)/,
    'file by its url': /file \/etc\/passwd/,
    clock: /clock Date.now\(\)/,
    'clock as a date': /clock new Date\(\)/,
    'clock that counts': /clock performance.now\(\).*clock process.hrtime.bigint\(\)/,
    randomness: /randomness Math.random\(\)/,
    'randomness for secrets': /randomness crypto.randomUUID\(\).*randomness crypto.getRandomValues\(\)/,
    network: /network connect 127.0.0.1:9/,
    'network by a request': /network request 127.0.0.1/,
    'network by fetch': /network fetch 127.0.0.1:9/,
    process: /process spawnSync .*node/,
    'later, from a timer': /environment LANG/,
  };

  it('26. flags what a task reads that is not among its inputs, names it and its place, and keeps no result', async () => {
    const engine = engineOn('fail');
    await engine.run(sights.map((at) => look.goal({ at })));
    const taskRuns = (await engine.last())?.taskRuns ?? [];
    expect(taskRuns).toHaveLength(sights.length);
    for (const { params, state, reason, attempts } of taskRuns) {
      const at = params.at as Sight;
      expect(state, at).toBe('failed');
      expect(reason, at).toMatch(EXPECTED[at]);
      expect(reason, at).toMatch(/nosy-tasks\.ts/);
      expect(attempts, at).toMatchObject([{ error: { class: 'user' } }]);
    }
    expect(await bench.database.query(`select 1 from manifests where task = 'look'`)).toEqual([]);
  });

  it('26. flags nothing of a task that reads its params, its inputs and its folder, whatever Weir does for it', async () => {
    const engine = engineOn('fail');
    expect(
      await engine.run([behave.goal({ to: freshPath(), day: '2026-01-01' })]),
      (await engine.last())?.reason ?? '',
    ).toBe('succeeded');
  });

  it('26. flags what is read while rows are written, and in batches', async () => {
    const engine = engineOn('fail');
    expect(await engine.run([lookWhileWriting.goal({}), lookInBatch.goal({ number: 1 })])).toBe('failed');
    const taskRuns = (await engine.last())?.taskRuns ?? [];
    const clock = expect.stringMatching(/clock Date.now\(\)/);
    expect(taskRuns.map(({ reason }) => reason)).toEqual([clock, clock]);
  });

  it('26. only reports, where it is told so', async () => {
    const engine = engineOn('report');
    expect(await engine.run([look.goal({ at: 'environment variable' })])).toBe('succeeded');
    expect((await engine.last())?.taskRuns[0]?.attempts[0]?.log).toMatch(
      /^not declared: environment HOME \(.*nosy-tasks\.ts/,
    );
  });

  it('26. is off unless it is asked for', async () => {
    const engine = engineOn('off');
    expect(await engine.run([look.goal({ at: 'clock' })])).toBe('succeeded');
  });
});
