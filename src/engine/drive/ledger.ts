import { createGroup, type Database } from '#store';
import type { Timers } from '../define/effects.ts';
import { classifyError } from '../define/failure.ts';
import type { Assignment, Outbox } from '../execute/executor.ts';
import { type AttemptEnd, type CommitOptions, commitAttempts } from '../records/commit-attempts.ts';
import { giveBackLeases, type PoolLease, takeLeases } from '../records/pools.ts';
import { type AttemptStart, type StartAnswer, type StartOptions, startAttempts } from '../records/start-attempts.ts';
import { type Growth, growRuns } from '../records/write-plan.ts';
import { endTaskRuns, type TaskRunEnd } from '../records/write-runs.ts';
import { findManifests, type StoredManifest } from '../resolve/completeness.ts';
import type { PoolLedger } from './pool-gate.ts';

/** A start, and what is sent to the executor with it but for the token; a batch is sent as a whole, later. */
export interface SentStart extends AttemptStart {
  readonly assignment?: Assignment | undefined;
}

/** What the driver reads and writes; calls made at the same time are grouped. */
export interface Ledger extends PoolLedger {
  /** Manifests under a key, newest first. */
  find(key: string): Promise<readonly StoredManifest[]>;
  start(attempt: SentStart): Promise<StartAnswer>;
  /** False when the claim was lost: only the loss was recorded. */
  commit(end: AttemptEnd): Promise<boolean>;
  end(taskRun: TaskRunEnd): Promise<undefined>;
  /** Goals and edges that a run found while it ran. */
  grow(growth: Growth): Promise<undefined>;
}

const FIND_MAX = 5_000;
const WRITE_MAX = 1_000;
const TRIES_MAX = 6;
const PAUSE_MS = 200;

export interface LedgerOptions extends Omit<StartOptions, 'send'>, CommitOptions {
  readonly timers: Pick<Timers, 'pause'>;
  /** Of the executor. */
  readonly outbox?: Outbox | undefined;
}

/** Groups calls into round trips; one that fails for a transient reason is retried. */
export function createLedger(database: Database, options: LedgerOptions): Ledger {
  const { outbox } = options;
  const sending = (items: readonly SentStart[]): StartOptions =>
    outbox === undefined
      ? options
      : { ...options, send: (tx, answers) => outbox.send(tx, assignmentsOf(items, answers)) };
  const persist = <T>(work: () => Promise<T>): Promise<T> => withRetries(work, options.timers);
  return {
    find: createGroup((keys: readonly string[]) => persist(() => findManifests(database, keys)), {
      itemsMax: FIND_MAX,
    }),
    start: createGroup((items: readonly SentStart[]) => persist(() => startAttempts(database, items, sending(items))), {
      itemsMax: WRITE_MAX,
    }),
    commit: createGroup((items: readonly AttemptEnd[]) => persist(() => commitAttempts(database, items, options)), {
      itemsMax: WRITE_MAX,
    }),
    takeUnits: createGroup((leases: readonly PoolLease[]) => persist(() => takeLeases(database, leases, options)), {
      itemsMax: WRITE_MAX,
    }),
    giveUnitsBack: createGroup((ids: readonly string[]) => persist(() => giveBackLeases(database, ids)), {
      itemsMax: WRITE_MAX,
    }),
    grow: createGroup((items: readonly Growth[]) => persist(() => growRuns(database, items)), { itemsMax: WRITE_MAX }),
    end: createGroup((items: readonly TaskRunEnd[]) => persist(() => endTaskRuns(database, items)), {
      itemsMax: WRITE_MAX,
    }),
  };
}

const assignmentsOf = (items: readonly SentStart[], answers: readonly StartAnswer[]): readonly Assignment[] =>
  items.flatMap(({ assignment }, index) => {
    const answer = answers[index];
    return assignment !== undefined && answer?.kind === 'started' ? [{ ...assignment, token: answer.token }] : [];
  });

/**
 * Every write here may be repeated: a commit whose answer was lost finds its claim gone and is recorded as lost, then
 * its goal is found complete.
 */
async function withRetries<T>(work: () => Promise<T>, timers: Pick<Timers, 'pause'>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= TRIES_MAX || classifyError(error) !== 'infrastructure') throw error;
      await timers.pause(PAUSE_MS * 2 ** tries);
    }
  }
}
