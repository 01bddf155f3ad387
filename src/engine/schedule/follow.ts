import type { Database } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import type { Schedule } from '../define/pipeline.ts';
import { type Policy, policyOf } from './decide.ts';
import { lookAtSchedule, registerSchedule, type TickRun } from './look.ts';
import { SCHEDULES_CHANNEL } from './pause.ts';
import { createTicks, type Ticks } from './ticks.ts';

/** Processes its schedules at each tick, at least once a minute, and on request, until it is closed. */
export interface Follower {
  follow(schedules: readonly Schedule[]): void;
  /** Processes one schedule now: a waiting tick may start, because a run has ended. */
  look(pipeline: string): void;
  nextRuns(): readonly { readonly pipeline: string; readonly at: Date }[];
  /** Resolves when nothing is being processed. */
  idle(): Promise<void>;
  /** Follows nothing until it is asked to again; resolves when nothing is being processed. */
  unfollow(): Promise<void>;
  close(): Promise<void>;
}

export interface FollowerOptions {
  readonly database: Database;
  /** Plans and drives a run that a tick created. */
  readonly launch: (run: TickRun) => Promise<unknown>;
  readonly cancel: (runId: string, reason: string) => Promise<void>;
  /** Whether this process still cleans up after a run of the pipeline. */
  readonly isSettling: (pipeline: string) => boolean;
  readonly effects: Pick<EngineEffects, 'now' | 'after' | 'warn'>;
}

/** Longer timers are split at this length, so that a changed clock or a machine that slept is noticed. */
const LOOK_MS_MAX = 60_000;
const RETRY_MS = 5_000;

export function createFollower(options: FollowerOptions): Follower {
  return new FollowerOfProcess(options);
}

interface Entry {
  readonly schedule: Schedule;
  readonly ticks: Ticks;
  readonly policy: Policy;
  isRegistered: boolean;
  isPaused: boolean;
  /** The time up to which the last pass decided. */
  lookedAt: Date | undefined;
  isDue: boolean;
  looking: Promise<void> | undefined;
  cancelTimer: () => void;
}

class FollowerOfProcess implements Follower {
  readonly #options: FollowerOptions;
  readonly #entries = new Map<string, Entry>();
  #unlisten: Promise<() => Promise<void>> | undefined;
  #isClosed = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  follow(schedules: readonly Schedule[]): void {
    const entries = schedules.filter(({ cron }) => cron !== 'off').map(toEntry);
    for (const entry of entries) this.#add(entry);
    if (entries.length > 0) this.#listen();
    for (const { schedule } of entries) this.look(schedule.pipeline);
  }

  look(pipeline: string): void {
    const entry = this.#entries.get(pipeline);
    if (entry === undefined || this.#isClosed) return;
    entry.isDue = true;
    entry.looking ??= this.#lookWhileDue(entry).finally(() => {
      entry.looking = undefined;
    });
  }

  nextRuns(): ReturnType<Follower['nextRuns']> {
    const now = this.#options.effects.now();
    return [...this.#entries.values()]
      .filter(({ isPaused }) => !isPaused && !this.#isClosed)
      .flatMap(({ schedule, ticks }) => {
        const at = ticks.next(now);
        return at === undefined ? [] : [{ pipeline: schedule.pipeline, at }];
      })
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ looking }) => looking));
  }

  async unfollow(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { cancelTimer } of entries) cancelTimer();
    await Promise.all(entries.map(({ looking }) => looking));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.unfollow();
    const unlisten = await this.#unlisten?.catch(() => undefined); // The warning was given when it failed.
    await unlisten?.();
  }

  #isFollowed(entry: Entry): boolean {
    return !this.#isClosed && this.#entries.get(entry.schedule.pipeline) === entry;
  }

  #add(entry: Entry): void {
    const { pipeline } = entry.schedule;
    if (this.#entries.has(pipeline))
      throw new EngineError(
        'schedule_invalid',
        `Pipeline ${pipeline} has a schedule already. A pipeline has one: join the cron expressions, or make two pipelines.`,
      );
    this.#entries.set(pipeline, entry);
  }

  /** Listens for pauses and resumes of other processes; the pass once a minute covers missed notifications. */
  #listen(): void {
    const { database, effects } = this.#options;
    this.#unlisten ??= database.listen(SCHEDULES_CHANNEL, (pipeline) => this.look(pipeline));
    this.#unlisten.catch((error: unknown) =>
      effects.warn('Pauses of other processes are noticed late: listening failed', error),
    );
  }

  async #lookWhileDue(entry: Entry): Promise<void> {
    const { effects } = this.#options;
    let retryMs: number | undefined;
    while (entry.isDue && this.#isFollowed(entry)) {
      entry.isDue = false;
      try {
        await this.#lookOnce(entry);
        retryMs = undefined;
      } catch (error) {
        effects.warn(`The schedule of pipeline ${entry.schedule.pipeline} could not be looked at`, error);
        retryMs = RETRY_MS;
      }
    }
    this.#arm(entry, retryMs);
  }

  async #lookOnce(entry: Entry): Promise<void> {
    const { database, effects, launch, cancel, isSettling } = this.#options;
    const { schedule, ticks, policy } = entry;
    const { pipeline } = schedule;
    if (!entry.isRegistered) await registerSchedule(database, schedule, effects.now());
    entry.isRegistered = true;
    const now = effects.now();
    entry.lookedAt = now;
    const result = await lookAtSchedule(database, { schedule, ticks, policy, now, isSettling: isSettling(pipeline) });
    entry.isPaused = result.isPaused;
    // A run that was created while this process closes, or stops leading, is recovered by the next.
    if (result.started !== undefined && this.#isFollowed(entry))
      launch(result.started).catch((error: unknown) =>
        effects.warn(
          `Pipeline ${pipeline} could not be started for ${result.started?.interval.to.toISOString()}`,
          error,
        ),
      );
    for (const id of result.replaced) await cancel(id, 'A newer tick of its schedule took its place.');
    if (result.replaced.length > 0) entry.isDue = true;
  }

  #arm(entry: Entry, retryMs: number | undefined): void {
    entry.cancelTimer();
    if (!this.#isFollowed(entry)) return;
    const { effects } = this.#options;
    const now = effects.now();
    // Counted from the decided time: a tick may have passed while the database answered.
    const next = entry.ticks.next(entry.lookedAt ?? now)?.getTime() ?? Number.POSITIVE_INFINITY;
    const delayMs = retryMs ?? Math.min(Math.max(0, next - now.getTime()), LOOK_MS_MAX);
    entry.cancelTimer = effects.after(delayMs, () => this.look(entry.schedule.pipeline));
  }
}

function toEntry(schedule: Schedule): Entry {
  return {
    ...{ schedule, ticks: createTicks(schedule), policy: policyOf(schedule) },
    ...{
      isRegistered: false,
      isPaused: false,
      lookedAt: undefined,
      isDue: false,
      looking: undefined,
      cancelTimer: () => undefined,
    },
  };
}
