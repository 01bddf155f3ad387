import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createEngine, type Engine, type Goal, inlineExecutor, type RunState } from '#engine';
import { connect, type Database, memoryArtifacts, migrate, startEmbeddedPostgres } from '#store';
import { measureDecisions } from './engine-decisions.ts';
import type { GraphFigures, LatencyFigures, RunTime } from './engine-figures.ts';
import { chainBesideBlocked, goalsOf, type Shape, tasks, watch } from './engine-tasks.ts';
import { usedSeconds } from './processor-time.ts';

/** Attempts in flight. They share one thread; what they wait for is the disk. */
const SLOTS = 4096;
const LINKS = 300;

/** Cold, then again with everything complete, on a database of its own. */
export function measureGraph(
  shape: Shape,
  options: { readonly size: number; readonly folder: string },
): Promise<GraphFigures> {
  return withDatabase(options.folder, async (database, folder) => {
    const bytesBefore = await databaseBytes(database);
    const cold = await timeRun(database, { goals: goalsOf(shape, options.size), folder });
    const diskBytes = (await databaseBytes(database)) - bytesBefore;
    const warm = await timeRun(database, { goals: goalsOf(shape, options.size), folder });
    const [counted] = await database.query<{ count: string }>('select count(*) from manifests');
    return { goals: Number(counted?.count), cold, warm, diskBytes };
  });
}

/** How soon the links of a chain follow one another while other goals of the run stay blocked. */
export function measureLatency(
  blocked: number,
  options: { readonly folder: string; readonly links?: number },
): Promise<LatencyFigures> {
  const { links = LINKS } = options;
  return withDatabase(options.folder, async (database, folder) => {
    const before = liveBytes();
    const goals = chainBesideBlocked(links, blocked);
    const { engine, executor } = openEngine(database, { goals, folder });
    const { runId } = await engine.start({ pipeline: 'bench', trigger: 'manual' });
    const ended = engine.finished(runId).then((state) => {
      throw new Error(`The run ${state} before its links had ended.`);
    });
    await Promise.race([watch.reached(links), ended]);
    const heapBytesPerGoal = (liveBytes() - before) / goals.length;
    await engine.cancel(runId, 'It was measured.');
    await ended.catch(() => undefined);
    await engine.close();
    await executor.close();
    const startMs = watch.startedMs.slice(1).map((at, index) => at - (watch.endedMs[index] ?? at));
    return { blocked, decisionMs: measureDecisions(blocked), startMs, heapBytesPerGoal };
  });
}

/** A new engine each time, as after a restart: nothing is remembered but what the database holds. */
async function timeRun(
  database: Database,
  work: { readonly goals: readonly Goal[]; readonly folder: string },
): Promise<RunTime> {
  const { engine, executor } = openEngine(database, work);
  const started = performance.now();
  const startedProcessor = usedSeconds();
  const { runId } = await engine.start({ pipeline: 'bench', trigger: 'manual' });
  const state: RunState = await engine.finished(runId);
  const seconds = (performance.now() - started) / 1000;
  const processorSeconds = usedSeconds() - startedProcessor;
  await engine.close();
  await executor.close();
  if (state !== 'succeeded') throw new Error(`The run of the bench ${state}.`);
  return { seconds, processorSeconds };
}

function openEngine(
  database: Database,
  { goals, folder }: { readonly goals: readonly Goal[]; readonly folder: string },
): { readonly engine: Engine; readonly executor: ReturnType<typeof inlineExecutor> } {
  const artifacts = memoryArtifacts();
  const executor = inlineExecutor({ tasks, database, artifacts, slots: SLOTS, folder });
  const bench = {
    name: 'bench',
    description: 'Asks for what is measured.',
    plan: async () => ({ kind: 'run' as const, goals, params: {} }),
  };
  return { engine: createEngine({ database, artifacts, tasks, executor, pipelines: [bench] }), executor };
}

/** Work on a database of its own, as Weir starts it for itself. */
export async function withDatabase<T>(
  scratch: string,
  work: (database: Database, folder: string) => Promise<T>,
): Promise<T> {
  const folder = path.join(scratch, `engine-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const postgres = await startEmbeddedPostgres({ stateFolder: folder, log: () => undefined });
  const database = connect({ url: postgres.url });
  try {
    await migrate(database);
    return await work(database, path.join(folder, 'attempts'));
  } finally {
    await database.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function databaseBytes(database: Database): Promise<number> {
  const [found] = await database.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  return Number(found?.bytes);
}

/** What the heap holds that is still reachable; `--expose-gc` makes it exact. */
function liveBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
