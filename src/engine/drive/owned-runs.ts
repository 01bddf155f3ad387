import type { Database } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import type { RunState } from '../define/states.ts';
import {
  CANCELS_CHANNEL,
  expireRunsOfOthers,
  type LeftRun,
  type RunOwner,
  releaseRuns,
  renewRuns,
  takeOverRuns,
} from '../records/run-leases.ts';
import type { LiveRun } from './live-run.ts';

export interface OwnedRunsOptions {
  readonly database: Database;
  readonly owner: RunOwner;
  readonly effects: Pick<EngineEffects, 'warn'>;
}

/** The runs that this process drives, each under a lease, from their creation until they are settled. */
export class OwnedRuns {
  readonly #options: OwnedRunsOptions;
  readonly #live = new Map<string, LiveRun>();
  readonly #finishing = new Map<string, Promise<RunState>>();
  /** Asked for before the run was planned. */
  readonly #cancels = new Map<string, string>();
  #unlisten: Promise<() => Promise<void>> | undefined;

  constructor(options: OwnedRunsOptions) {
    this.#options = options;
  }

  has(runId: string): boolean {
    return this.#finishing.has(runId);
  }

  finished(runId: string): Promise<RunState> | undefined {
    return this.#finishing.get(runId);
  }

  all(): readonly Promise<RunState>[] {
    return [...this.#finishing.values()];
  }

  /** Keeps the run until it is settled or released. */
  add(runId: string, finishing: Promise<RunState>): void {
    this.#finishing.set(runId, finishing);
    const forget = (): void => {
      this.#finishing.delete(runId);
      this.#live.delete(runId);
      this.#cancels.delete(runId);
    };
    finishing.then(forget, forget);
  }

  /** The run is planned and running. */
  drive(live: LiveRun): void {
    this.#live.set(live.id, live);
  }

  /** Why a run that is not running yet is to be cancelled when it is. */
  cancelReasonOf(runId: string): string | undefined {
    return this.#cancels.get(runId);
  }

  /** False when this process does not drive the run. */
  cancel(runId: string, reason: string): boolean {
    const live = this.#live.get(runId);
    if (live !== undefined) live.cancel(reason);
    else if (this.has(runId)) this.#cancels.set(runId, this.#cancels.get(runId) ?? reason);
    return this.has(runId);
  }

  /** Renews the leases of its runs, and learns which of them are to be cancelled, were deleted or taken over. */
  async renew(): Promise<void> {
    const { database, owner } = this.#options;
    const ids = [...this.#finishing.keys()];
    if (ids.length === 0) return;
    const kept = new Map((await renewRuns(database, ids, owner)).map((run) => [run.id, run.cancelReason]));
    for (const id of ids) {
      const cancelReason = kept.get(id);
      if (cancelReason === undefined) await this.#lose(id);
      else if (cancelReason !== null) this.cancel(id, cancelReason);
    }
  }

  /**
   * Runs whose owner is gone, now ours; a run that stopped in this process is among them once its lease has expired.
   */
  async takeOver(pipelines?: readonly string[]): Promise<readonly LeftRun[]> {
    const { database, owner } = this.#options;
    const taken = await takeOverRuns(database, owner, pipelines);
    return taken.filter(({ id }) => !this.has(id));
  }

  async expireOthers(): Promise<void> {
    await expireRunsOfOthers(this.#options.database, this.#options.owner.owner);
  }

  /** Listens for cancels by other processes, so that they are not noticed only at the next heartbeat. */
  listen(): void {
    const { database, effects } = this.#options;
    const hear = (runId: string): void => {
      if (!this.has(runId)) return;
      this.renew().catch((error: unknown) =>
        effects.warn(`Run ${runId} is to be cancelled; it will be soon`, error, { runId }),
      );
    };
    this.#unlisten ??= database.listen(CANCELS_CHANNEL, hear);
    this.#unlisten.catch((error: unknown) => effects.warn('Cancels of other processes are noticed late', error));
  }

  /** Releases all running runs, so that others can take them over at once. */
  async release(reason: Error): Promise<void> {
    await (await this.#unlisten?.catch(() => undefined))?.();
    await Promise.all([...this.#live.values()].map((run) => run.release(reason)));
    const { database, owner, effects } = this.#options;
    await releaseRuns(database, owner.owner).catch((error: unknown) =>
      effects.warn('Runs of this process could not be released; others take them over when their leases expire', error),
    );
  }

  async #lose(runId: string): Promise<void> {
    const live = this.#live.get(runId);
    if (live === undefined) return;
    this.#options.effects.warn(
      `Run ${runId} was deleted, or taken over by another process; this one releases it`,
      undefined,
      { runId },
    );
    await live.release(
      new EngineError('run_lost', `Run ${runId} was deleted while it ran, or another process has taken it over.`),
    );
  }
}
