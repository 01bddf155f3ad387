import { type Database, holdArtifacts, type Queryable } from '#store';
import { EngineError } from '../define/errors.ts';
import { describeAbsence, findVersion, validId } from './read-versions.ts';

/** Who pins or unpins, and why: both are recorded. */
export interface PinRequest {
  readonly actor: string;
  readonly reason: string;
}

/** A pin: no collection removes what it names, nor what that was made from. */
export interface Pin {
  readonly id: string;
  /** One of the two is null. */
  readonly version: string | null;
  readonly runId: string | null;
  readonly actor: string;
  readonly reason: string;
  readonly pinnedAt: Date;
  readonly unpinnedAt: Date | null;
  readonly unpinnedBy: string | null;
}

/** Pins a version and returns the pin's id. Pinned twice, it is kept until both pins are withdrawn. */
export function pinVersion(database: Database, version: string, request: PinRequest): Promise<string> {
  return database.transaction(async (tx) => {
    // From here no collection removes it; an earlier removal is seen by the next statement.
    await holdArtifacts(tx);
    const found = await findVersion(tx, version);
    if (found === undefined) throw new EngineError('version_unknown', await describeAbsence(tx, version));
    return insertPin(tx, { version, runId: null, goal: found.goalId, ...request });
  });
}

/** Pins all versions that a run made or found, and the run's history. */
export function pinRun(database: Database, runId: string, request: PinRequest): Promise<string> {
  return database.transaction(async (tx) => {
    await holdArtifacts(tx);
    const [run] = await tx.query<{ missing: number }>(
      `select (select count(*)::integer from task_runs t where t.run_id = r.id and t.version is not null
         and not exists (select 1 from manifests m where m.version = t.version)) as missing
       from runs r where id = $1 for share`,
      [validId(runId)],
    );
    if (run === undefined) throw new EngineError('run_unknown', `There is no run ${runId} to pin.`);
    if (run.missing > 0)
      throw new EngineError(
        'version_unknown',
        `Run ${runId} cannot be pinned: ${run.missing} of the versions it made or found were removed already. Pin single versions.`,
      );
    return insertPin(tx, { version: null, runId, goal: null, ...request });
  });
}

async function insertPin(
  tx: Queryable,
  pin: PinRequest & { readonly version: string | null; readonly runId: string | null; readonly goal: string | null },
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    'insert into pins (version, run_id, goal, actor, reason) values ($1, $2, $3, $4, $5) returning id::text',
    [pin.version, pin.runId, pin.goal, pin.actor, pin.reason],
  );
  return row?.id ?? '';
}

/** Withdraws a pin; it stays on record. */
export async function unpin(database: Queryable, id: string, { actor }: { readonly actor: string }): Promise<void> {
  const found = await database.query(
    `update pins set unpinned_at = clock_timestamp(), unpinned_by = $2 where id = $1 and unpinned_at is null returning 1`,
    [validId(id), actor],
  );
  if (found.length === 0)
    throw new EngineError(
      'pin_unknown',
      `There is no pin ${id}, or it was withdrawn before. List them with: weir pins`,
    );
}

/** Pins, newest first; withdrawn ones only on request. */
export function listVersionPins(
  database: Queryable,
  { withWithdrawn = false }: { readonly withWithdrawn?: boolean } = {},
): Promise<readonly Pin[]> {
  return database.query<Pin>(
    `select id::text, version::text, run_id::text as "runId", actor, reason, pinned_at as "pinnedAt",
       unpinned_at as "unpinnedAt", unpinned_by as "unpinnedBy"
     from pins where $1 or unpinned_at is null order by pins.id desc`,
    [withWithdrawn],
  );
}
