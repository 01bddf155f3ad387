import { randomUUID } from 'node:crypto';
import { copyFile, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  defineTask,
  type Executor,
  file,
  inlineExecutor,
  rows,
  type Sink,
  sqlSink,
  value,
} from '#engine';
import type { Database } from '#store';
import { createFileDigests, type FileStats } from '../../../src/engine/define/file-digests.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { placeText } from '../fixtures/case-tasks.ts';
import { CREATE_DELIVERED } from '../fixtures/sink-tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
const open: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});
afterAll(() => bench.close());

// Pauses before another try are over at once; timeouts and leases stay far away.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = delayMs > 4_000 ? undefined : setImmediate(callback);
  return () => clearImmediate(timer);
};
interface EngineParts {
  readonly sinks?: readonly Sink[];
  /** Stands in the way of each attempt. */
  readonly meet?: (task: string, proceed: () => ReturnType<Executor['execute']>) => ReturnType<Executor['execute']>;
}
function engineOf(given: readonly unknown[], { sinks = [], meet }: EngineParts = {}): TestEngine {
  // Each was made by defineTask; a list of tasks of several types has no type that fits.
  const tasks = given as readonly AnyTask[];
  const inline = inlineExecutor({ ...bench, tasks, sinks, folder: path.join(bench.folder, 'attempts') });
  const executor: Executor =
    meet === undefined
      ? inline
      : {
          ...inline,
          execute: (assignment, context) => meet(assignment.task, () => inline.execute(assignment, context)),
        };
  const engine = createTestEngine(bench, { tasks, executor, sinks, effects: { after: soon } });
  open.push(engine);
  return engine;
}
const freshPath = (): string => path.join(bench.folder, `${randomUUID()}.txt`);
async function manifestOf(engine: TestEngine, task: string): Promise<Record<string, unknown> | undefined> {
  const key = (await engine.last())?.taskRuns.find((taskRun) => taskRun.task === task)?.key;
  const [manifest] = await bench.database.query('select inputs, outputs from manifests where key = $1', [key]);
  return manifest;
}

/** Reads a file that another task placed; `during` happens between the first look at it and the end. */
const readerOf = (during: (at: string, attempt: number) => Promise<void>) =>
  defineTask({
    name: 'read-text',
    version: '1',
    params: z.object({ to: z.string(), text: z.string() }),
    inputs: (params) => ({ made: placeText.goal(params) }),
    outputs: { text: value<string>() },
    run: async ({ inputs, attempt }) => {
      await during(inputs.made.placed.path, attempt);
      return { text: await readFile(inputs.made.placed.path, 'utf8') };
    },
  });
const nothing = async (): Promise<void> => undefined;

describe('an input outside the artifact store', () => {
  it('18. that is edited after it was found complete and before it is read is detected, and the next run is right', async () => {
    const reader = readerOf(nothing);
    const goal = reader.goal({ to: freshPath(), text: 'placed' });
    const engine = engineOf([placeText, reader], {
      meet: async (task, proceed) => {
        if (task === 'read-text') await writeFile(goal.params.to as string, 'EDITED');
        return proceed();
      },
    });
    expect(await engine.run([goal])).toBe('failed');
    expect((await engine.last())?.reason).toMatch(
      /The input file .* changed before it was read: expected digest .*, found/,
    );
    expect(await engine.states()).toEqual({ 'place-text': 'succeeded', 'read-text': 'failed' });
    expect(await manifestOf(engine, 'read-text')).toBeUndefined();
    const next = engineOf([placeText, reader]);
    expect(await next.run([goal])).toBe('succeeded');
    expect(await next.states()).toEqual({ 'place-text': 'succeeded', 'read-text': 'succeeded' });
    expect(await manifestOf(next, 'read-text')).toMatchObject({ outputs: { text: { value: 'placed' } } });
  });

  it.each([
    ['edited', (at: string) => writeFile(at, 'EDITED')],
    ['replaced', (at: string) => writeFile(`${at}.new`, 'EDITED').then(() => rename(`${at}.new`, at))],
    ['cut short', (at: string) => writeFile(at, 'pla')],
    ['removed', (at: string) => copyFile(at, `${at}.kept`).then(() => rm(at))],
  ])('19. that is %s while the task runs leads to no result; the next run executes again', async (_, edit) => {
    const nosy = readerOf((at) => edit(at));
    const goal = nosy.goal({ to: freshPath(), text: 'placed' });
    const engine = engineOf([placeText, nosy]);
    expect(await engine.run([goal])).toBe('failed');
    expect(await manifestOf(engine, 'read-text')).toBeUndefined();
    const next = engineOf([placeText, readerOf(nothing)]);
    expect(await next.run([goal])).toBe('succeeded');
    expect(await next.states()).toEqual({ 'place-text': 'succeeded', 'read-text': 'succeeded' });
    const manifest = await manifestOf(next, 'read-text');
    expect(manifest).toMatchObject({ outputs: { text: { value: 'placed' } } });
  });

  it('19. that is edited and restored while the task runs is read again, so that the recorded digest is the one read', async () => {
    const nosy = readerOf(async (at, attempt) => {
      if (attempt > 1) return;
      await writeFile(at, 'EDITED');
      await writeFile(at, 'placed');
    });
    const goal = nosy.goal({ to: freshPath(), text: 'placed' });
    const engine = engineOf([placeText, nosy]);
    expect(await engine.run([goal])).toBe('succeeded');
    const attempts = (await engine.last())?.taskRuns.find(({ task }) => task === 'read-text')?.attempts;
    expect(attempts).toMatchObject([
      {
        outcome: 'failed',
        error: { class: 'infrastructure', message: expect.stringContaining('nobody knows which was read') },
      },
      { outcome: 'succeeded' },
    ]);
    expect(await manifestOf(engine, 'read-text')).toMatchObject({ outputs: { text: { value: 'placed' } } });
  });

  it('19. that was needed while the task ran is looked at like one that it began with', async () => {
    const needy = defineTask({
      name: 'need-text',
      version: '1',
      params: z.object({ to: z.string() }),
      outputs: { text: value<string>() },
      run: async ({ params, need }) => {
        const { placed } = await need(placeText.goal({ to: params.to, text: 'placed' }));
        const text = await readFile(placed.path, 'utf8');
        await writeFile(placed.path, 'EDITED');
        return { text };
      },
    });
    const engine = engineOf([placeText, needy]);
    expect(await engine.run([needy.goal({ to: freshPath() })])).toBe('failed');
    expect((await engine.last())?.reason).toContain('changed while it was read');
  });

  it('20. of the same size and time, with other bytes, is another file', async () => {
    const reader = readerOf(nothing);
    const goal = reader.goal({ to: freshPath(), text: 'placed' });
    const engine = engineOf([placeText, reader]);
    await engine.run([goal]);
    const at = goal.params.to as string;
    const writtenAt = new Date('2026-01-01T00:00:00Z');
    await utimes(at, writtenAt, writtenAt);
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'place-text': 'cached', 'read-text': 'cached' });
    await writeFile(at, 'PLACED');
    await utimes(at, writtenAt, writtenAt);
    expect(await stat(at)).toMatchObject({ size: 6, mtimeMs: writtenAt.getTime() });
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'place-text': 'succeeded', 'read-text': 'cached' });
    expect(await readFile(at, 'utf8')).toBe('placed');
  });

  it.each<[string, (at: string) => Promise<unknown>]>([
    ['touched', (at) => utimes(at, new Date(), new Date())],
    ['given a time in the future', (at) => utimes(at, new Date('2100-01-01'), new Date('2100-01-01'))],
    ['given a time of long ago', (at) => utimes(at, new Date(0), new Date(0))],
    ['checked out again', (at) => rm(at).then(() => writeFile(at, 'placed'))],
    ['restored from a copy', (at) => copyFile(at, `${at}.copy`).then(() => rename(`${at}.copy`, at))],
  ])('21. that is %s, with the same bytes, leads to no run', async (_, disturb) => {
    const reader = readerOf(nothing);
    const goal = reader.goal({ to: freshPath(), text: 'placed' });
    const engine = engineOf([placeText, reader]);
    await engine.run([goal]);
    await disturb(goal.params.to as string);
    await engine.run([goal]);
    expect(await engine.states()).toEqual({ 'place-text': 'cached', 'read-text': 'cached' });
  });
});

describe('the digest of a file', () => {
  /** One file on a disk whose times are as coarse as told, beside a clock that is set by hand. */
  function coarseDisk(resolutionMs: number) {
    let nowMs = Date.UTC(2026, 0, 2);
    let content = '';
    let times = { mtimeMs: 0, ctimeMs: 0 };
    let hashed = 0;
    const digests = createFileDigests(
      {},
      {
        nowMs: () => nowMs,
        digest: async () => {
          hashed++;
          return `digest of ${content}`;
        },
        stat: async (): Promise<FileStats> => ({
          ...{ dev: 1n, ino: 1n, size: BigInt(content.length) },
          ...{ mtimeNs: BigInt(times.mtimeMs) * 1_000_000n, ctimeNs: BigInt(times.ctimeMs) * 1_000_000n },
          ...{ ctimeMs: BigInt(times.ctimeMs), isFile: () => true, isDirectory: () => false },
        }),
      },
    );
    const tick = (): number => Math.floor(nowMs / resolutionMs) * resolutionMs;
    return {
      look: () => digests('/the/file'),
      hashed: () => hashed,
      pass: (durationMs: number) => {
        nowMs += durationMs;
      },
      write: (text: string, { mtimeMs = tick() }: { readonly mtimeMs?: number } = {}) => {
        content = text;
        times = { mtimeMs, ctimeMs: tick() };
      },
    };
  }

  it('20. is taken again when the size and the time of writing are set back, because the time of change is not', async () => {
    const disk = coarseDisk(1);
    disk.write('aaaa');
    const mtimeMs = Date.UTC(2026, 0, 2);
    disk.pass(60_000);
    expect(await disk.look()).toBe('digest of aaaa');
    disk.pass(60_000);
    disk.write('bbbb', { mtimeMs });
    expect(await disk.look()).toBe('digest of bbbb');
  });

  it('21. is remembered only when its times are safely past, on disks that count seconds or pairs of them', async () => {
    for (const resolutionMs of [1_000, 2_000]) {
      const disk = coarseDisk(resolutionMs);
      disk.write('aaaa');
      disk.pass(300);
      expect(await disk.look()).toBe('digest of aaaa');
      // Within the same tick: every time and the size are as before.
      disk.write('bbbb');
      expect(await disk.look()).toBe('digest of bbbb');
      disk.pass(5_000);
      expect(await disk.look()).toBe('digest of bbbb');
      const known = disk.hashed();
      disk.pass(3_600_000);
      expect(await disk.look()).toBe('digest of bbbb');
      expect(disk.hashed()).toBe(known);
    }
  });

  it('21. is forgotten when the clock is set back a day, and not remembered while times lie in the future', async () => {
    const disk = coarseDisk(1_000);
    disk.write('aaaa');
    disk.pass(60_000);
    await disk.look();
    disk.pass(-60_000);
    // The clock comes past the same second again, and so do the times of the file.
    disk.write('bbbb');
    expect(await disk.look()).toBe('digest of bbbb');
    disk.pass(-86_400_000);
    const before = disk.hashed();
    await disk.look();
    await disk.look();
    expect(disk.hashed()).toBe(before + 2);
  });
});

describe('code and results', () => {
  it('23. that go from A to B and back to A re-use what is pure, and apply again what is outside: files, rows, rows elsewhere', async () => {
    const warehouse: Database = await createTestDatabase({ isMigrated: false });
    await warehouse.query(CREATE_DELIVERED);
    const to = freshPath();
    const versionOf = (version: string) => {
      const pure = defineTask({
        ...{ name: 'pure', version, params: z.object({}), outputs: { version: value<string>() } },
        run: async () => ({ version }),
      });
      const outside = defineTask({
        ...{ name: 'outside', version, params: z.object({}) },
        inputs: () => ({ pure: pure.goal({}) }),
        outputs: { placed: file(), here: rows(), there: rows({ sink: 'warehouse' }) },
        run: async ({ inputs, folder, file: place, rows: write }) => {
          const at = path.join(folder, 'text');
          await writeFile(at, inputs.pure.version);
          const into = (output: string, table: string): ReturnType<typeof write> =>
            write(output, async (tx) => {
              await tx.query(`delete from ${table} where owner like 'version %'`);
              await tx.query(`insert into ${table} values ($1, 1)`, [`version ${inputs.pure.version}`]);
              return 1;
            });
          return {
            placed: await place(at, to),
            here: await into('here', 'owned_rows'),
            there: await into('there', 'public.delivered'),
          };
        },
      });
      return { tasks: [pure, outside], goal: outside.goal({}) };
    };
    const runAs = async (version: string) => {
      const { tasks, goal } = versionOf(version);
      const engine = engineOf(tasks, { sinks: [sqlSink({ name: 'warehouse', database: warehouse }) as Sink] });
      await engine.run([goal]);
      const seen = [
        await readFile(to, 'utf8'),
        ...(await bench.database.query(`select owner from owned_rows where owner like 'version %'`)).map(
          (row) => row.owner,
        ),
        ...(await warehouse.query('select owner from public.delivered')).map((row) => row.owner),
      ];
      return { states: await engine.states(), seen };
    };
    const made = (version: string) => [version, `version ${version}`, `version ${version}`];
    expect(await runAs('A')).toEqual({ states: { pure: 'succeeded', outside: 'succeeded' }, seen: made('A') });
    expect(await runAs('B')).toEqual({ states: { pure: 'succeeded', outside: 'succeeded' }, seen: made('B') });
    expect(await runAs('A')).toEqual({ states: { pure: 'cached', outside: 'succeeded' }, seen: made('A') });
    expect(await runAs('A')).toEqual({ states: { pure: 'cached', outside: 'cached' }, seen: made('A') });
    await warehouse.close();
  });

  it('25. that change upstream and give identical bytes stop there: nothing downstream runs', async () => {
    const chainOf = (version: string) => {
      const params = z.object({});
      const outputs = { text: value<string>() };
      const first = defineTask({ ...{ name: 'first', version, params, outputs }, run: async () => ({ text: 'same' }) });
      const second = defineTask({
        ...{ name: 'second', version: '1', params, outputs, inputs: () => ({ first: first.goal({}) }) },
        run: async ({ inputs }) => ({ text: `${inputs.first.text}, then` }),
      });
      const third = defineTask({
        ...{ name: 'third', version: '1', params, outputs, inputs: () => ({ second: second.goal({}) }) },
        run: async ({ inputs }) => ({ text: `${inputs.second.text}, at last` }),
      });
      return { tasks: [first, second, third], goal: third.goal({}) };
    };
    const runAs = async (version: string) => {
      const { tasks, goal } = chainOf(version);
      const engine = engineOf(tasks);
      await engine.run([goal]);
      return engine.states();
    };
    expect(await runAs('1')).toEqual({ first: 'succeeded', second: 'succeeded', third: 'succeeded' });
    expect(await runAs('2')).toEqual({ first: 'succeeded', second: 'cached', third: 'cached' });
  });
});
