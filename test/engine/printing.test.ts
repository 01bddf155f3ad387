import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Goal } from '#engine';
import { LOG_LENGTH_MAX } from '../../src/engine/execute/attempt-log.ts';
import { printing } from './fixtures/printing-tasks.ts';
import {
  createTestEngine,
  createWorkbench,
  inlineOn,
  processOn,
  type TestEngine,
  type Workbench,
} from './fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());

describe.each([
  ['inline', inlineOn],
  ['process', processOn],
] as const)('what a task prints, with the %s executor,', (name, open) => {
  let engine: TestEngine;
  beforeAll(() => {
    engine = createTestEngine(bench, { executor: open(bench, 2) });
  });
  afterAll(() => engine.close());

  const logsOf = async (goals: readonly Goal[]): Promise<readonly (string | null)[]> => {
    await engine.run(goals);
    return (await engine.last())?.taskRuns.flatMap(({ attempts }) => attempts.map(({ log }) => log)) ?? [];
  };

  it('is in the log of its attempt, in order, under the name of its stream', async () => {
    const [log] = await logsOf([printing.printAll.goal({ note: name })]);
    const lines = log?.split('\n').filter((line) => !/[┌│├└]/.test(line));
    expect(lines).toEqual([
      `[stdout] one ${name}`,
      '[stderr] two',
      'three',
      '[stdout] four, as bytes: é',
      '[stderr] five, later',
      '[stderr] six, without end',
    ]);
    expect(log).toMatch(/^\[stdout\] │ \(index\) │/m);
  });

  it('can be read while it runs', async () => {
    const file = path.join(bench.folder, randomUUID());
    const id = await engine.start([printing.printAndWait.goal({ file })]);
    const logNow = async () => (await engine.last())?.taskRuns[0]?.attempts[0];
    await expect.poll(logNow, { timeout: 30_000 }).toMatchObject({ log: '[stdout] waiting', outcome: null });
    await writeFile(file, '');
    await engine.engine.finished(id);
    expect(await logNow()).toMatchObject({ log: '[stdout] waiting\n[stdout] done', outcome: 'succeeded' });
  });

  it('is bounded, with its first and last lines', async () => {
    const [log = ''] = await logsOf([printing.printMuch.goal({ lines: 30_000, note: name })]);
    expect(log?.length).toBeLessThanOrEqual(LOG_LENGTH_MAX + 100);
    expect(log).toMatch(/^\[stdout\] line 1\n[\s\S]* lines left out …\n[\s\S]*line 30000$/);
  });

  it('is in no log of another attempt, at the same time or later', async () => {
    await logsOf([printing.printLate.goal({ note: name })]);
    const notes = ['a', 'b', 'c', 'd'];
    const logs = await logsOf(notes.map((note) => printing.printAll.goal({ note: `${note} of ${name}` })));
    expect(logs.map((log) => log?.split('\n')[0])).toEqual(notes.map((note) => `[stdout] one ${note} of ${name}`));
    expect(logs.join('')).not.toContain('too late');
  });

  it('of a batch can be read in each item that continues, while it runs', async () => {
    const file = path.join(bench.folder, randomUUID());
    const id = await engine.start([1, 2, 3].map((n) => printing.printInBatchAndWait.goal({ n, file })));
    const logsNow = async () => (await engine.last())?.taskRuns.map(({ attempts: [attempt] }) => attempt?.log);
    const begun = ['[stdout] batch of 3', '[stdout] batch of 3\nof the second alone', '[stdout] batch of 3'];
    await expect.poll(logsNow, { timeout: 30_000 }).toEqual(begun);
    expect((await engine.last())?.taskRuns.map(({ state }) => state)).toEqual(['succeeded', 'running', 'running']);
    await writeFile(file, '');
    await engine.engine.finished(id);
    expect(await logsNow()).toEqual(begun.map((log, item) => (item === 0 ? log : `${log}\n[stdout] done`)));
  });

  it('of a batch is in the log of each item that has no outcome yet', async () => {
    const logs = await logsOf([1, 2, 3].map((n) => printing.printInBatch.goal({ n, note: name })));
    expect(logs).toEqual([
      '[stdout] at 1',
      '[stdout] at 1\n[stdout] at 2',
      '[stdout] at 1\n[stdout] at 2\n[stdout] at 3',
    ]);
  });
});

describe('what the process of an attempt writes', () => {
  let engine: TestEngine;
  beforeAll(() => {
    engine = createTestEngine(bench, { executor: processOn(bench, 1) });
  });
  afterAll(() => engine.close());
  const logOf = async (goal: Goal): Promise<string> => {
    await engine.run([goal]);
    return (await engine.last())?.taskRuns[0]?.attempts[0]?.log ?? '';
  };

  it('past its own streams, or by programs that it starts, is in the log', async () => {
    for (const note of ['x', 'y']) {
      const lines = (await logOf(printing.printPast.goal({ note }))).split('\n').sort();
      expect(lines).toEqual(['[stderr] to the other', '[stdout] from a program', `[stdout] raw ${note}`]);
    }
  });

  it('before it ends itself is in the log', async () => {
    expect(await logOf(printing.printAndDie.goal({ note: '' }))).toBe('[stdout] first words\n[stderr] last words');
  });

  it('of a batch before it ends itself is in the logs of those it left without an outcome', async () => {
    await engine.run([1, 2, 3].map((n) => printing.printInBatchAndWait.goal({ n, file: '' })));
    const first = (await engine.last())?.taskRuns.map(({ attempts: [attempt] }) => attempt?.log);
    expect(first).toEqual(['[stdout] batch of 3', '[stdout] batch of 3\nof the second alone', '[stdout] batch of 3']);
  });
});
