import type { Schedule } from '#engine';
import type { Database } from '#store';
import { createFollower, type Follower } from '../../../src/engine/schedule/follow.ts';
import type { TickRun } from '../../../src/engine/schedule/look.ts';
import { DrivenClock } from './driven-clock.ts';

export interface SimulatedRun {
  readonly tick: string;
  readonly from: string;
  readonly startedAt: string;
  readonly by: number;
  state: string;
}

export interface SimulationOptions {
  readonly database: Database;
  readonly schedule: Omit<Schedule, 'pipeline' | 'timeZone'> & { readonly timeZone?: string };
  readonly start: string;
  /** How long a run takes. */
  readonly runMs?: number;
  /** Runs of the past that the pipeline already has are those of another test. */
  readonly pipeline: string;
}

/** Engines that follow one schedule over one database, by a driven clock; their runs only take time. */
export class Simulation {
  readonly clock: DrivenClock;
  readonly schedule: Schedule;
  readonly runs: SimulatedRun[] = [];
  readonly warnings: string[] = [];
  readonly #options: SimulationOptions;
  readonly #followers = new Set<Follower>();
  readonly #writes = new Set<Promise<unknown>>();
  #count = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.clock = new DrivenClock(options.start);
    this.schedule = { timeZone: 'UTC', ...options.schedule, pipeline: options.pipeline };
  }

  /** Starts one more engine; the result ends it, as a kill would: what it runs is never heard of again. */
  follow(schedule: Schedule = this.schedule): () => Promise<void> {
    const by = ++this.#count;
    const live = new Map<string, (state: string) => Promise<void>>();
    const follower = createFollower({
      database: this.#options.database,
      effects: { ...this.clock, warn: (message, error) => this.warnings.push(`${message}: ${String(error)}`) },
      isSettling: () => false,
      launch: async (run) => this.#run(run, { by, live }),
      cancel: async (id) => live.get(id)?.('cancelled'),
    });
    this.#followers.add(follower);
    follower.follow([schedule]);
    return async () => {
      live.clear();
      this.#followers.delete(follower);
      await follower.close();
    };
  }

  #run(
    run: TickRun,
    { by, live }: { readonly by: number; readonly live: Map<string, (state: string) => Promise<void>> },
  ): void {
    const { from, to: tick } = run.interval;
    const record: SimulatedRun = {
      ...{ tick: short(tick), from: short(from), startedAt: short(this.clock.now()), by },
      state: 'running',
    };
    this.runs.push(record);
    const end = async (state: string): Promise<void> => {
      if (!live.delete(run.id)) return;
      record.state = state;
      await this.#options.database.query('update runs set state = $2 where id = $1', [run.id, state]);
      for (const follower of this.#followers) follower.look(run.pipeline);
    };
    live.set(run.id, end);
    this.clock.after(this.#options.runMs ?? 1_000, () => this.#track(end('succeeded')));
  }

  #track(work: Promise<unknown>): void {
    this.#writes.add(work);
    work.finally(() => this.#writes.delete(work));
  }

  readonly settle = async (): Promise<void> => {
    await Promise.all([...this.#writes]);
    for (const follower of this.#followers) await follower.idle();
  };

  runUntil(moment: string): Promise<void> {
    return this.clock.runUntil(moment, this.settle);
  }

  /** Marks what dead engines left as failed, as recovery would in the end. */
  async recover(): Promise<void> {
    await this.#options.database.query(
      `update runs set state = 'failed' where pipeline = $1 and state in ('queued', 'running')`,
      [this.#options.pipeline],
    );
  }

  nextRuns(): readonly string[] {
    return [...this.#followers].flatMap((follower) => follower.nextRuns().map(({ at }) => short(at)));
  }

  ticks(): readonly string[] {
    return this.runs.map(({ tick }) => tick);
  }

  async close(): Promise<void> {
    for (const follower of this.#followers) await follower.close();
  }
}

/** 2026-01-01T00:00 or, with seconds, 2026-01-01T00:00:10. */
export const short = (moment: Date): string =>
  moment
    .toISOString()
    .replace(/(:00)?\.000Z$/, '')
    .replace(/\.\d+Z$/, '');
