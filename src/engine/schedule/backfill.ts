import { raceAbort } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import type { Interval } from '../define/pipeline.ts';
import type { RunStarter } from '../define/start-request.ts';
import type { RunState } from '../define/states.ts';
import { messageOf } from '../define/thrown.ts';
import { type IntervalStatus, type PreviewOptions, type PreviewParts, previewBackfill } from './preview-backfill.ts';

export interface BackfillOptions extends PreviewOptions {
  /** How many runs at a time, from 1 to 64; 2 by default. */
  readonly concurrency?: number | undefined;
  /** The order of intervals; the oldest first by default. */
  readonly order?: 'oldest' | 'newest' | undefined;
  /**
   * Which intervals are run. By default, those that are incomplete or of unknown state; stale ones only when
   * `staleReasons` is given, because a goal whose source lacks a partition would only fail.
   */
  readonly states?: readonly ('incomplete' | 'stale' | 'unknown')[] | undefined;
  /**
   * When aborted, nothing more is started or awaited; running runs continue. Another call continues where this one
   * stopped.
   */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BackfillProgress) => void) | undefined;
}

export interface BackfillProgress {
  /** How many intervals were needed at the start. */
  readonly needed: number;
  /** Of those, how many have ended or are no longer needed. */
  readonly ended: number;
  readonly running: number;
  /** The run that has just started or ended. */
  readonly last: BackfillRun;
}

export interface BackfillRun {
  readonly interval: Interval;
  readonly runId: string;
  readonly state: RunState;
  readonly reason: string | null;
}

export interface BackfillReport {
  /** The state of the intervals before. */
  readonly before: readonly IntervalStatus[];
  /** The runs it started, in order, each with its end state; `running` where it did not wait for the end. */
  readonly runs: readonly BackfillRun[];
  /** Intervals that another caller started to run in the meantime. */
  readonly elsewhere: number;
  /** Needed and not started, because it was aborted. */
  readonly left: number;
}

export type BackfillParts = PreviewParts & { readonly engine: RunStarter };

const CONCURRENCY_DEFAULT = 2;
const CONCURRENCY_MAX = 64;
const RUN_STATES = ['incomplete', 'unknown'] as const;

/**
 * Runs the needed intervals in a span of time. No progress is stored: what is needed is derived from the outputs each
 * time, and an interval that another caller has started since is left to it. So a crash, a second backfill or a
 * concurrent schedule cause no extra run.
 */
export async function backfill(parts: BackfillParts, options: BackfillOptions): Promise<BackfillReport> {
  const { concurrency = CONCURRENCY_DEFAULT, order = 'oldest' } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > CONCURRENCY_MAX)
    throw new EngineError(
      'backfill_refused',
      `A backfill runs from 1 to ${CONCURRENCY_MAX} intervals at a time; got ${concurrency}.`,
    );
  const { states = options.staleReasons === undefined ? RUN_STATES : ([...RUN_STATES, 'stale'] as const) } = options;
  const [newest] = await parts.database.query<{ id: string }>(
    'select id::text from runs order by runs.id desc limit 1',
  );
  const before = await previewBackfill(parts, options);
  const needed = before.filter(({ state }) => states.some((wanted) => wanted === state));
  const filling = new Filling(parts, {
    ...{ options, seenRun: newest?.id ?? '0' },
    waiting: (order === 'newest' ? needed.toReversed() : needed).map(({ interval }) => interval),
  });
  await Promise.all(Array.from({ length: Math.min(concurrency, needed.length) }, () => filling.work()));
  return { before, runs: filling.runs, elsewhere: filling.elsewhere, left: filling.left };
}

interface FillingOptions {
  readonly options: BackfillOptions;
  readonly waiting: readonly Interval[];
  /** The newest run before any interval was looked at. */
  readonly seenRun: string;
}

class Filling {
  readonly runs: BackfillRun[] = [];
  elsewhere = 0;
  readonly #parts: BackfillParts;
  readonly #options: BackfillOptions;
  readonly #seenRun: string;
  readonly #waiting: Interval[];
  readonly #needed: number;
  #running = 0;
  /** Intervals are started one at a time, so that they start in order. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: BackfillParts, { options, waiting, seenRun }: FillingOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#seenRun = seenRun;
    this.#waiting = [...waiting];
    this.#needed = waiting.length;
  }

  get left(): number {
    return this.#waiting.length;
  }

  async work(): Promise<void> {
    try {
      while (this.#options.signal?.aborted !== true) {
        const begun = this.#turn.then(() => this.#begin());
        this.#turn = begun.catch(() => undefined);
        const index = await begun;
        if (index === 'nothing left') return;
        if (index !== 'elsewhere') await this.#follow(index);
      }
    } catch (error) {
      // An error in reading or starting one interval affects the others too.
      this.#waiting.length = 0;
      throw error;
    }
  }

  /** Starts the next run and returns its index in the report. */
  async #begin(): Promise<number | 'elsewhere' | 'nothing left'> {
    const interval = this.#options.signal?.aborted === true ? undefined : this.#waiting.shift();
    if (interval === undefined) return 'nothing left';
    const { pipeline } = this.#options.schedule;
    const request = { pipeline, trigger: 'backfill', interval, seenRun: this.#seenRun } as const;
    const { runId, state, isOther } = await this.#parts.engine.start(request);
    if (isOther === true) {
      this.elsewhere++;
      return 'elsewhere';
    }
    const index = this.runs.push({ interval, runId, state, reason: null }) - 1;
    this.#running++;
    this.#tell(index);
    return index;
  }

  async #follow(index: number): Promise<void> {
    const run = this.runs[index];
    const end = run && (await raceAbort(this.#endOf(run.runId), this.#options.signal));
    this.#running--;
    if (run === undefined || end === undefined || end === 'aborted') return;
    this.runs[index] = { ...run, ...end };
    this.#tell(index);
  }

  async #endOf(runId: string): Promise<Pick<BackfillRun, 'state' | 'reason'>> {
    try {
      const state = await this.#parts.engine.finished(runId);
      const [run] = await this.#parts.database.query<{ reason: string | null }>(
        'select reason from runs where id = $1',
        [runId],
      );
      return { state, reason: run?.reason ?? null };
    } catch (error) {
      // This engine is closing; the process that recovers the run ends it.
      return { state: 'running', reason: messageOf(error) };
    }
  }

  #tell(index: number): void {
    const last = this.runs[index];
    if (last === undefined) return;
    const ended = this.#needed - this.#waiting.length - this.#running;
    this.#options.onProgress?.({ needed: this.#needed, ended, running: this.#running, last });
  }
}
