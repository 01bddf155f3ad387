import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { blob, createEngine, defineTask, type Engine, inlineExecutor } from '#engine';
import type { ArtifactDriver } from '#store';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';
import { collectOn } from './collecting.ts';

const CONTENT = Buffer.from('bytes that were there before, and are put again');
/** So late that neither grace nor age of attempts spares anything: what is left is the protocol itself. */
const LATE = { effects: { now: () => new Date(Date.now() + 10 * 3_600_000) } };

let bench: Workbench;
let engine: Engine;
let hasStored: Promise<void>;
let proceed: () => void;
let attempts: number;

beforeEach(async () => {
  bench = await createWorkbench();
  const gate = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  let stored: () => void;
  hasStored = new Promise((resolve) => {
    stored = resolve;
  });
  attempts = 0;
  const put = defineTask({
    name: 'put-again',
    version: '1',
    params: z.object({}),
    outputs: { bytes: blob() },
    run: async ({ blob: store }) => {
      attempts++;
      const bytes = await store(CONTENT);
      stored();
      await gate;
      return { bytes };
    },
  });
  const tasks = [put];
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({ tasks, database, artifacts, slots: 1, folder: `${folder}/attempts` });
  const asked = {
    name: 'asked',
    description: 'asks',
    plan: async () => ({ kind: 'run', goals: [put.goal({})], params: {} }) as const,
  };
  engine = createEngine({ database, artifacts, tasks, executor, pipelines: [asked] });
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

const start = async (): Promise<string> => (await engine.start({ pipeline: 'asked', trigger: 'manual' })).runId;

async function outcomes(): Promise<readonly string[]> {
  const rows = await bench.database.query<{ outcome: string }>('select outcome from attempts order by number');
  return rows.map(({ outcome }) => outcome);
}

/** Waits for the database to say that somebody waits for a lock: no clock decides. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const waiting = await bench.database.query(
      `select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    if (waiting.length > 0) return;
  }
}

const hooked = (hooks: Partial<ArtifactDriver>): ArtifactDriver => {
  const { artifacts } = bench;
  return {
    name: artifacts.name,
    put: (content) => artifacts.put(content),
    putFile: (file) => artifacts.putFile(file),
    stat: (digest) => artifacts.stat(digest),
    read: (digest) => artifacts.read(digest),
    localPath: (digest) => artifacts.localPath(digest),
    delete: (digest) => artifacts.delete(digest),
    list: () => artifacts.list(),
    ...hooks,
  };
};

async function assertWhole(): Promise<void> {
  const [manifest] = await bench.database.query<{ digest: string }>(
    `select outputs -> 'bytes' ->> 'digest' as digest from manifests`,
  );
  expect(await bench.artifacts.stat(manifest?.digest ?? '')).toMatchObject({ sizeBytes: CONTENT.length });
}

describe('a commit and a collection that want the same bytes', () => {
  it('the commit is refused when the bytes went after the attempt had stored them, and its next attempt stores them again', async () => {
    const runId = await start();
    await hasStored;
    expect((await collectOn(bench, LATE)).removed.blob.count).toBe(1);
    proceed();
    expect(await engine.finished(runId)).toBe('succeeded');
    expect(await outcomes()).toEqual(['lost', 'succeeded']);
    await assertWhole();
    const [lost] = await bench.database.query<{ count: number }>('select attempts as count from task_runs');
    expect([lost?.count, attempts]).toEqual([2, 2]);
  });

  it('the commit waits for a removal under way, and is refused', async () => {
    const runId = await start();
    await hasStored;
    const artifacts = hooked({
      delete: async (digest) => {
        proceed();
        await untilSomebodyWaits();
        expect(await bench.database.query('select 1 from manifests')).toEqual([]);
        await bench.artifacts.delete(digest);
      },
    });
    expect((await collectOn(bench, { ...LATE, artifacts })).removed.blob.count).toBe(1);
    expect(await engine.finished(runId)).toBe('succeeded');
    expect(await outcomes()).toEqual(['lost', 'succeeded']);
    await assertWhole();
  });

  it('the removal sees a commit that came after its plan', async () => {
    const runId = await start();
    await hasStored;
    const dry = await collectOn(bench, { ...LATE, isDryRun: true });
    expect(dry.planned.blob.count).toBe(1);
    proceed();
    await engine.finished(runId);
    const real = await collectOn(bench, { ...LATE, plan: dry.id });
    expect(real).toMatchObject({ removed: { blob: { count: 0 } }, kept: { blob: { count: 1 } } });
    expect(await outcomes()).toEqual(['succeeded']);
    await assertWhole();
  });

  it('a commit that meets a removal which was killed half-way is refused once, and no more', async () => {
    await bench.artifacts.put(CONTENT);
    const killed = hooked({
      delete: async (digest) => {
        await bench.artifacts.delete(digest);
        throw new Error('killed');
      },
    });
    await expect(collectOn(bench, { ...LATE, artifacts: killed })).rejects.toThrow('killed');
    proceed();
    const runId = await start();
    expect(await engine.finished(runId)).toBe('succeeded');
    expect(await outcomes()).toEqual(['lost', 'succeeded']);
    await assertWhole();
    const resumed = await collectOn(bench, LATE);
    expect(resumed).toMatchObject({ hasResumed: true, removed: { blob: { count: 0 } } });
    await assertWhole();
  });

  it('an attempt that began after the removal is none of its business', async () => {
    await bench.artifacts.put(CONTENT);
    expect((await collectOn(bench, LATE)).removed.blob.count).toBe(1);
    proceed();
    expect(await engine.finished(await start())).toBe('succeeded');
    expect(await outcomes()).toEqual(['succeeded']);
    await assertWhole();
  });
});
