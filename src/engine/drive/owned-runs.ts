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

  /** Keeps the run until it is settled or let go. */
  add(runId: string, finishing: Promise<RunState>): void {
    this.#finishing.set(runId, finishing);
    const forget = (): void => {
      this.#finishing.delete(runId);
      this.#live.delete(runId);
      this.#cancels.delete(runId);
    };
    finishing.then(forget, forget);
  }

  /** The run is planned and lives. */
  drive(live: LiveRun): void {
    this.#live.set(live.id, live);
  }

  /** Why a run that does not live yet is to be cancelled when it does. */
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

  /** Says that its runs are alive, and hears which of them others want cancelled, have deleted or taken over. */
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

  /** Runs that nobody drives any more, now ours; one that stopped here lately is among them once its lease is over. */
  async takeOver(pipelines?: readonly string[]): Promise<readonly LeftRun[]> {
    const { database, owner } = this.#options;
    const taken = await takeOverRuns(database, owner, pipelines);
    return taken.filter(({ id }) => !this.has(id));
  }

  async expireOthers(): Promise<void> {
    await expireRunsOfOthers(this.#options.database, this.#options.owner.owner);
  }

  /** Hears at once, and not only at the next heartbeat, when another process wants a run cancelled. */
  listen(): void {
    const { database, effects } = this.#options;
    const hear = (runId: string): void => {
      if (!this.has(runId)) return;
      this.renew().catch((error: unknown) => effects.warn(`Run ${runId} is to be cancelled; it will be soon`, error));
    };
    this.#unlisten ??= database.listen(CANCELS_CHANNEL, hear);
    this.#unlisten.catch((error: unknown) => effects.warn('Cancels of other processes are heard late', error));
  }

  /** Lets go of all that lives, so that others may take it over at once. */
  async release(reason: Error): Promise<void> {
    await (await this.#unlisten?.catch(() => undefined))?.();
    await Promise.all([...this.#live.values()].map((run) => run.release(reason)));
    const { database, owner, effects } = this.#options;
    await releaseRuns(database, owner.owner).catch((error: unknown) =>
      effects.warn('Runs of this process could not be given up; others take them over when their leases end', error),
    );
  }

  async #lose(runId: string): Promise<void> {
    const live = this.#live.get(runId);
    if (live === undefined) return;
    this.#options.effects.warn(`Run ${runId} was deleted, or taken over by another process; this one gives it up`);
    await live.release(
      new EngineError('run_lost', `Run ${runId} was deleted while it ran, or another process has taken it over.`),
    );
  }
}
