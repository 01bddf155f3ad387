import { seededRandom } from '../test/kills/seeded-random.ts';
import { type Costs, type Simulated, simulate } from './scale-model.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, table } from './table.ts';

/** Simulates fleets from one worker to a thousand, with the costs that `npm run bench queue` measured. */
export const scaleSuite: Suite = { name: 'scale', run };

/**
 * Of `npm run bench queue`, whose table is in bench/README.md, in milliseconds: what PostgreSQL does for a goal is split
 * as its statements are, a third until a worker can take it.
 */
const MEASURED: Costs = {
  schedulerMs: 0.19,
  submitMs: 0.07,
  commitMs: 0.15,
  workerMs: 0.16,
  idleMsPerSecond: 0.3,
  runningMsPerSecond: 0.01,
};

const DAY_S = 86_400;
const SLOTS_EACH = 4;
/** The busiest hour has this many times the goals of the mean hour. */
const PEAK = 2;
const BURST = 0.5;
const SECONDS = 300;
const WORKERS = [1, 3, 10, 30, 100, 300, 1_000];
const DATABASE_CORES = [2, 4, 8, 16];
const GOALS_A_DAY = [100_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000];
/** A goal that waits longer has found something saturated. */
const WAIT_MAX_MS = 60_000;

async function* run({ say }: BenchOptions): AsyncGenerator<string> {
  say('fleets for ten million goals a day');
  yield `### 10 million goals a day\n\nIn the busiest hour: ${rate(10_000_000).toFixed(0)} goals a second, half of them at whole minutes. Database with 4 cores, ${SLOTS_EACH} slots a worker.\n\n${fleets()}`;
  say('where the database saturates');
  yield `### Goals a day that each database can take\n\nTasks of one second, as many workers as they need; a cell is the wait of a goal at the 99th percentile and how busy the database is.\n\n${databases()}`;
  say('workers that do nothing');
  yield `### Workers that wait\n\nWhat they cost a database with 4 cores, without any goal.\n\n${idle()}`;
}

const rate = (goalsADay: number): number => (goalsADay / DAY_S) * PEAK;

interface Case {
  readonly goalsADay: number;
  readonly workers: number;
  readonly databaseCores: number;
  readonly taskMs: number;
}

function simulated({ goalsADay, workers, databaseCores, taskMs }: Case): Simulated {
  return simulate(
    MEASURED,
    { workers, slotsEach: SLOTS_EACH, databaseCores, window: workers * SLOTS_EACH * 2 },
    { goalsPerSecond: rate(goalsADay), burstShare: BURST, taskMs, seconds: SECONDS, random: seededRandom(goalsADay) },
  );
}

function fleets(): string {
  const taskTimes = [100, 1_000, 10_000];
  return table(
    ['workers', ...taskTimes.map((ms) => `tasks of ${duration(ms / 1_000)}`)],
    WORKERS.map((workers) => [
      workers.toLocaleString('en'),
      ...taskTimes.map((taskMs) => cell(simulated({ goalsADay: 10_000_000, workers, databaseCores: 4, taskMs }))),
    ]),
  );
}

function cell(result: Simulated): string {
  const { wait, left, ended, slotsBusy } = result;
  const p99 = wait(0.99);
  if (p99 > WAIT_MAX_MS || left > ended * 0.2) return `falls behind (${result.perSecond.toFixed(0)} goals/s)`;
  return `waits ${duration(wait(0.5) / 1_000)}, p99 ${duration(p99 / 1_000)}; slots ${percent(slotsBusy)}`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function databases(): string {
  const taskMs = 1_000;
  return table(
    ['goals a day', ...DATABASE_CORES.map((cores) => `${cores} cores`)],
    GOALS_A_DAY.map((goalsADay) => [
      goalsADay.toLocaleString('en'),
      ...DATABASE_CORES.map((databaseCores) => {
        // Enough for the burst of a minute to be done within ten seconds.
        const workers = Math.ceil((rate(goalsADay) * (1 - BURST + BURST * 6)) / SLOTS_EACH) + 1;
        const result = simulated({ goalsADay, workers, databaseCores, taskMs });
        const busy = `database ${percent(result.databaseBusy)}, scheduler ${percent(result.schedulerBusy)}`;
        const isBehind = result.wait(0.99) > WAIT_MAX_MS || result.left > result.ended * 0.2;
        return isBehind ? `falls behind: ${busy}` : `p99 ${duration(result.wait(0.99) / 1_000)}; ${busy}`;
      }),
    ]),
  );
}

function idle(): string {
  const cores = 4;
  return table(
    ['workers', 'of the database'],
    WORKERS.map((workers) => [
      workers.toLocaleString('en'),
      percent((workers * MEASURED.idleMsPerSecond) / 1_000 / cores),
    ]),
  );
}
