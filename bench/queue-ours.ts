import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Assignment, createEngine, type Executor, type Goal, getRun, remoteExecutor } from '#engine';
import { type Database, memoryArtifacts } from '#store';
import { startTemporal } from '../test/temporal/temporal-server.ts';
import { withDatabase } from './engine-durable.ts';
import { usedSeconds, usedSecondsOf } from './processor-time.ts';
import { held, pause, queueTasks } from './queue-tasks.ts';
import { queueTransport } from './queue-transport.ts';

export interface QueueWorld {
  readonly database: Database;
  readonly executor: Executor;
  readonly workers: readonly ChildProcess[];
  readonly folder: string;
}

export interface WorldOptions {
  readonly scratch: string;
  readonly workers: number;
  readonly slots: number;
  readonly inFlight?: number;
  /** Over a server of Temporal of its own instead of pg-boss. */
  readonly overTemporal?: boolean;
}

/** Processor seconds. */
export interface Used {
  readonly scheduler: number;
  readonly workers: number;
  /** PostgreSQL, and Temporal where it is used. */
  readonly servers: number;
}

export interface Throughput {
  readonly goals: number;
  readonly seconds: number;
  readonly used: Used;
}

const IN_FLIGHT = 2_000;
const warn = (message: string, error: unknown): void => process.emitWarning(`${message}: ${String(error)}`);

/** A database, worker processes, and an executor that sends to them. */
export function withWorkers<T>(options: WorldOptions, work: (world: QueueWorld) => Promise<T>): Promise<T> {
  return withDatabase(options.scratch, async (database, folder) => {
    const server = options.overTemporal === true ? await startTemporal() : undefined;
    const temporal = server?.address ?? '';
    const args = [database.url, folder, String(options.slots), temporal];
    const workers = await Promise.all(Array.from({ length: options.workers }, () => startWorker(args)));
    const executor = await remoteExecutor({
      ...{ database, warn, labels: ['default'], labelOf: () => 'default', slots: options.inFlight ?? IN_FLIGHT },
      transport: await queueTransport({ database, temporal }),
    });
    try {
      return await work({ database, executor, workers, folder });
    } finally {
      await executor.close();
      for (const worker of workers) worker.kill('SIGKILL');
      await server?.stop();
    }
  });
}

async function startWorker(args: readonly string[]): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('./queue-worker.ts', import.meta.url));
  // What a package prints is not part of the Markdown.
  const stdio: StdioOptions = ['ignore', 2, 2, 'ipc'];
  const child = fork(file, args, { stdio, execArgv: ['--import', 'tsx', '-C', 'weir-source'] });
  await once(child, 'message');
  return child;
}

/** Goals through the engine, each claimed, sent, run, reported and committed. */
export async function measureGoals(world: QueueWorld, goals: readonly Goal[]): Promise<Throughput> {
  const measured = await whileMeasured(world, async () => {
    const state = await runGoals(world, goals);
    if (state !== 'succeeded') throw new Error(`The run of the bench ${state}.`);
  });
  return { goals: goals.length, ...measured };
}

/** What all processes use in some seconds in which nothing is to be done, or all slots wait. */
export async function measureWaiting(world: QueueWorld, waiting: { readonly goals: number; readonly seconds: number }) {
  const engine = openEngine(world.database, { ...world, goals: pauses(waiting.goals, 600_000) });
  if (waiting.goals > 0) await engine.start({ pipeline: 'bench', trigger: 'manual' });
  // The goals have begun, and what the start took is over.
  await delay(5_000);
  const measured = await whileMeasured(world, () => delay(waiting.seconds * 1_000));
  await engine.close(0);
  return measured;
}

async function whileMeasured(
  { workers }: QueueWorld,
  work: () => Promise<unknown>,
): Promise<Omit<Throughput, 'goals'>> {
  const now = (): Used => {
    const { user, system } = process.cpuUsage();
    const scheduler = (user + system) / 1e6;
    const inWorkers = workers.reduce((sum, { pid = 0 }) => sum + usedSecondsOf(pid), 0);
    return { scheduler, workers: inWorkers, servers: usedSeconds() - scheduler - inWorkers };
  };
  const before = now();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const after = now();
  const used = {
    scheduler: after.scheduler - before.scheduler,
    workers: after.workers - before.workers,
    servers: after.servers - before.servers,
  };
  return { seconds, used };
}

export const pauses = (count: number, ms: number): readonly Goal[] =>
  Array.from({ length: count }, (_, n) => pause.goal({ n, ms }));

async function runGoals({ database, executor }: QueueWorld, goals: readonly Goal[]): Promise<string> {
  const engine = openEngine(database, { executor, goals });
  const { runId } = await engine.start({ pipeline: 'bench', trigger: 'manual' });
  const state = await engine.finished(runId);
  await engine.close();
  return state;
}

function openEngine(database: Database, { executor, goals }: { executor: Executor; goals: readonly Goal[] }) {
  const bench = {
    name: 'bench',
    description: 'Asks for what is measured.',
    plan: async () => ({ kind: 'run' as const, goals, params: {} }),
  };
  return createEngine({ database, artifacts: memoryArtifacts(), tasks: queueTasks, executor, pipelines: [bench] });
}

/** Milliseconds from sending an attempt to having its outcome, at a steady rate that does not wait for answers. */
export async function measureLatency(
  { executor }: QueueWorld,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly number[]> {
  const started = performance.now();
  const outcomes: Promise<number>[] = [];
  for (let sent = 0; sent < perSecond * seconds; ) {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
    for (; sent < Math.min(due, perSecond * seconds); sent++) outcomes.push(sendOne(executor, sent));
    await delay(1);
  }
  return Promise.all(outcomes);
}

async function sendOne(executor: Executor, n: number): Promise<number> {
  const assignment: Assignment = {
    ...{ runId: '1', task: pause.name, params: { n, ms: 0 }, goal: `pause ${n}`, key: `latency ${n}` },
    ...{ token: '1', attempt: 1, inputs: {} },
  };
  const started = performance.now();
  const outcome = await executor.execute(assignment, {
    signal: new AbortController().signal,
    need: async () => ({ kind: 'parked' }),
  });
  if (outcome.kind !== 'succeeded') throw new Error(`An attempt of the bench ${outcome.kind}.`);
  return performance.now() - started;
}

/** Seconds from the SIGKILL of a worker to the start of what it ran on another. */
export async function measureRedelivery(world: QueueWorld): Promise<number> {
  const file = path.join(path.dirname(world.folder), 'held');
  await rm(file, { force: true });
  const { database, executor } = world;
  const engine = openEngine(database, { executor, goals: [held.goal({ n: 1, file })] });
  const { runId } = await engine.start({ pipeline: 'bench', trigger: 'manual' });
  while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await delay(5);
  const killedAt = Date.now();
  process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL');
  await engine.finished(runId);
  const attempts = (await getRun(database, runId))?.taskRuns[0]?.attempts ?? [];
  const again = attempts.at(-1)?.startedAt.getTime() ?? Number.NaN;
  await engine.close();
  return (again - killedAt) / 1000;
}
