import type { Queryable } from '#store';
import type { Artifacts, InputRecord } from '../define/artifact.ts';
import { EngineError } from '../define/errors.ts';
import type { Goal } from '../define/goal.ts';
import { describeGoal } from '../define/planned-goal.ts';

/** One immutable result of a goal. */
export interface Version {
  /** Rises in the order of commits, over all goals. */
  readonly version: string;
  readonly goal: Goal;
  readonly key: string;
  /** `code:` and the fingerprint, or `version:` and the task's explicit version. */
  readonly code: string;
  /** Null when it was accepted rather than computed, or its run was deleted. */
  readonly runId: string | null;
  readonly committedAt: Date;
  /** The version whose outputs these are, when `accept` re-keyed it. */
  readonly acceptedFrom: string | null;
  readonly digests: { readonly [output: string]: string };
  readonly isPinned: boolean;
}

/**
 * Selects a version: by its number, by a run that made or found it, or by a time, which means the last run that had
 * ended by then and made or found the goal, by the clock of the database.
 */
export type AsOf = { readonly version: string } | { readonly runId: string } | { readonly time: Date };

/** A version as in its row, with what it read and its outputs. */
export interface StoredVersion extends Version {
  readonly goalId: string;
  /** Input name to the task and key of the result that it read. */
  readonly inputs: { readonly [name: string]: InputRecord };
  readonly outputs: Artifacts;
}

interface Row {
  readonly version: string;
  readonly goalId: string;
  readonly task: string;
  readonly params: Goal['params'];
  readonly key: string;
  readonly code: string;
  readonly runId: string | null;
  readonly committedAt: Date;
  readonly acceptedFrom: string | null;
  readonly inputs: StoredVersion['inputs'];
  readonly outputs: Artifacts;
  readonly isPinned: boolean;
}

const COLUMNS = `m.version::text, m.goal as "goalId", m.task, m.params, m.key, m.code, m.run_id::text as "runId",
  m.created_at as "committedAt", m.accepted_from::text as "acceptedFrom", m.inputs, m.outputs,
  exists (
    select 1 from pins p where p.unpinned_at is null and (p.version = m.version or exists (
      select 1 from task_runs t where t.run_id = p.run_id and t.goal = m.goal and t.version = m.version))) as "isPinned"`;

const toVersion = ({ task, params, ...row }: Row): StoredVersion => ({
  ...row,
  goal: { task, params },
  digests: Object.fromEntries(Object.entries(row.outputs).map(([output, { digest }]) => [output, digest])),
});

export const VERSIONS_LIMIT = 100;

/** Versions of a goal, newest first; `before` is where the last page ended. */
export async function findVersions(
  database: Queryable,
  question: { readonly goalId: string; readonly before?: string | undefined; readonly limit?: number | undefined },
): Promise<readonly StoredVersion[]> {
  const rows = await database.query<Row>(
    `select ${COLUMNS} from manifests m where m.goal = $1 and ($2::bigint is null or m.version < $2)
     order by m.version desc limit $3`,
    [question.goalId, question.before ?? null, question.limit ?? VERSIONS_LIMIT],
  );
  return rows.map(toVersion);
}

/** The newest version of each goal of a task, ordered by the goal; `after` is the last goal of the page before. */
export async function newestOfTask(
  database: Queryable,
  question: { readonly names: readonly string[]; readonly after: string; readonly limit: number },
): Promise<readonly StoredVersion[]> {
  const rows = await database.query<Row>(
    `select ${COLUMNS} from (
       select distinct on (goal) * from manifests
       where task = any($1::text[]) and goal > $2 order by goal, manifests.version desc limit $3) m order by m.goal`,
    [question.names, question.after, question.limit],
  );
  return rows.map(toVersion);
}

export async function findVersion(database: Queryable, version: string): Promise<StoredVersion | undefined> {
  const [row] = await database.query<Row>(`select ${COLUMNS} from manifests m where m.version = $1`, [
    validId(version),
  ]);
  return row && toVersion(row);
}

/** A task run with what it made. */
export interface TaskRunResult {
  readonly goal: Goal;
  /** The params of its run. */
  readonly runParams: Goal['params'];
  /** The version that it made or found; undefined when it has none, or it was removed. */
  readonly version: StoredVersion | undefined;
}

/** The result of a task run; undefined when the run does not have the goal. */
export async function findTaskRunResult(
  database: Queryable,
  { runId, goal }: { readonly runId: string; readonly goal: string },
): Promise<TaskRunResult | undefined> {
  const [found] = await database.query<Goal & { readonly runParams: Goal['params']; readonly version: string | null }>(
    `select t.task, t.params, t.version::text, r.params as "runParams"
     from task_runs t join runs r on r.id = t.run_id where t.run_id = $1 and t.goal = $2`,
    [validId(runId), goal],
  );
  if (found === undefined) return undefined;
  const { task, params, runParams, version } = found;
  return {
    goal: { task, params },
    runParams,
    version: version === null ? undefined : await findVersion(database, version),
  };
}

/** The number of the selected version; throws when there is none. */
export async function resolveVersion(
  database: Queryable,
  question: { readonly goalId: string; readonly goal: Goal; readonly at: AsOf },
): Promise<string> {
  const { goalId, goal, at } = question;
  if ('version' in at) return validId(at.version);
  return 'runId' in at
    ? versionOfRun(database, { goalId, goal, runId: validId(at.runId) })
    : versionAt(database, { goalId, goal, time: at.time });
}

async function versionOfRun(
  database: Queryable,
  { goalId, goal, runId }: { readonly goalId: string; readonly goal: Goal; readonly runId: string },
): Promise<string> {
  const [row] = await database.query<{ version: string | null; state: string }>(
    'select version::text, state from task_runs where run_id = $1 and goal = $2',
    [runId, goalId],
  );
  if (row === undefined)
    throw new EngineError(
      'version_unknown',
      `Run ${runId} is not on record with the goal ${describeGoal(goal)}. It did not request it, or its history was deleted.`,
    );
  if (row.version === null)
    throw new EngineError(
      'version_unknown',
      `In run ${runId}, ${describeGoal(goal)} is ${row.state}: it has no result there to be read.`,
    );
  return row.version;
}

async function versionAt(
  database: Queryable,
  { goalId, goal, time }: { readonly goalId: string; readonly goal: Goal; readonly time: Date },
): Promise<string> {
  const [now] = await database.query<{ isFuture: boolean }>('select $1 > clock_timestamp() as "isFuture"', [time]);
  if (now?.isFuture === true)
    throw new EngineError(
      'version_unknown',
      `${time.toISOString()} is in the future of the database's clock; what will be true then is not known. Ask for a time that has passed.`,
    );
  const [row] = await database.query<{ version: string }>(
    `select t.version::text from runs r join task_runs t on t.run_id = r.id
     where t.goal = $1 and t.version is not null and r.ended_at <= $2
     order by r.ended_at desc, r.id desc limit 1`,
    [goalId, time],
  );
  if (row !== undefined) return row.version;
  throw new EngineError(
    'version_unknown',
    `No run on record that had ended by ${time.toISOString()} had a result of ${describeGoal(goal)}. Ask for a later time, or for a version.`,
  );
}

/** The id, which is a number as text; throws when it is none. */
export function validId(text: string): string {
  if (/^[0-9]{1,18}$/.test(text)) return text;
  throw new EngineError(
    'id_invalid',
    `Expected the number of a version, a run or a pin, such as 17; got ${JSON.stringify(text)}.`,
  );
}

/** Why a requested version does not exist. */
export async function describeAbsence(database: Queryable, version: string): Promise<string> {
  const [removed] = await database.query<{ at: Date; reason: string; actor: string }>(
    `select i.decided_at as at, i.reason, c.actor from collection_items i join collections c on c.id = i.collection_id
     where i.version = $1 and i.state = 'removed' order by i.decided_at desc limit 1`,
    [version],
  );
  if (removed === undefined) return `There is no version ${version}.`;
  return `Version ${version} was removed on ${removed.at.toISOString()} by a collection of ${removed.actor}: ${removed.reason}. Pin what must stay.`;
}
