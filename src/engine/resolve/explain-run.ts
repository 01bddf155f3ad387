import type { Queryable } from '#store';
import type { InputRecord } from '../define/artifact.ts';
import type { TaskRunState } from '../define/states.ts';
import type { Difference } from '../records/difference.ts';
import { compareKeys, type InputMaker } from './compare.ts';
import { digestsOfVersions, newestVersionsBefore, type StoredVersion, versionsByNumber } from './stored-versions.ts';

/** Why a task run computed its goal, or where its result comes from. */
export interface Why {
  /** Empty for goals that were found complete, and for those that never started. */
  readonly differences: readonly Difference[];
  /** Of a cached task run: the run that made the result. */
  readonly from: { readonly runId: string | null; readonly at: Date; readonly acceptedFrom: string | null } | null;
}

interface TaskRunRow {
  readonly goal: string;
  readonly task: string;
  readonly state: TaskRunState;
  readonly key: string | null;
  readonly version: string | null;
  readonly needs: readonly string[];
  readonly startedAt: Date | null;
  /** Why no result under the key was valid when the first attempt started. */
  readonly unanswered: Difference | null;
}

export interface ExplainRunOptions {
  /** Only the task runs of these goals; of all unless set. */
  readonly goals?: readonly string[];
}

/**
 * Explains for each task run why it ran, by the identity of its goal. It is derived from stored versions, so removed
 * ones are not compared with. Null for task runs that neither ran nor found a result.
 */
export async function explainRun(
  database: Queryable,
  runId: string,
  { goals }: ExplainRunOptions = {},
): Promise<ReadonlyMap<string, Why | null>> {
  if (goals?.length === 0) return new Map();
  const rows = await database.query<TaskRunRow>(
    `select t.goal, t.task, t.state, t.key, t.needs, t.version::text, t.started_at as "startedAt",
       (select a.unanswered from attempts a where a.run_id = t.run_id and a.goal = t.goal and a.number = 1) as unanswered
     from task_runs t where t.run_id = $1`,
    [runId],
  );
  const chosen = new Set(goals);
  const explained = goals === undefined ? rows : rows.filter(({ goal }) => chosen.has(goal));
  const made = await versionsByNumber(
    database,
    explained.flatMap(({ version }) => version ?? []),
  );
  const ran = explained.filter(({ startedAt }) => startedAt !== null);
  const before = await newestVersionsBefore(
    database,
    ran.map(({ goal, version, startedAt }) => ({ goal, version, at: startedAt })),
  );
  const makers = new Map<string, InputMaker>();
  for (const { key, goal, task } of rows) if (key !== null) makers.set(key, { goal, label: task });
  const read = await readBy(database, rows, explained);
  return new Map(explained.map((row) => [row.goal, whyOf(row, { made, before, makers, read })]));
}

interface ReadInput extends InputMaker {
  readonly digests: string;
}

/** What was read by task runs that made nothing, by goal: no version records it. */
async function readBy(
  database: Queryable,
  rows: readonly TaskRunRow[],
  explained: readonly TaskRunRow[],
): Promise<ReadonlyMap<string, readonly ReadInput[]>> {
  const unsuccessful = explained.filter(({ startedAt, version }) => startedAt !== null && version === null);
  const byGoal = new Map(rows.map((row) => [row.goal, row]));
  const needed = new Set(unsuccessful.flatMap(({ needs }) => needs));
  const numbers = [...needed].flatMap((goal) => byGoal.get(goal)?.version ?? []);
  const digests = await digestsOfVersions(database, numbers);
  return new Map(
    unsuccessful.map(({ goal, needs }) => [
      goal,
      needs.flatMap((need) => {
        const row = byGoal.get(need);
        const found = digests.get(row?.version ?? '');
        return row === undefined || found === undefined ? [] : [{ goal: need, label: row.task, digests: found }];
      }),
    ]),
  );
}

interface Known {
  readonly made: ReadonlyMap<string, StoredVersion>;
  readonly before: ReadonlyMap<string, StoredVersion>;
  /** By key: the goals whose outputs were read. */
  readonly makers: ReadonlyMap<string, InputMaker>;
  readonly read: ReadonlyMap<string, readonly ReadInput[]>;
}

function whyOf(row: TaskRunRow, known: Known): Why | null {
  const after = known.made.get(row.version ?? '');
  if (row.state === 'cached')
    return after === undefined
      ? { differences: [], from: null }
      : { differences: [], from: { runId: after.runId, at: after.at, acceptedFrom: after.acceptedFrom } };
  if (row.startedAt === null) return null;
  return { differences: differencesOf(row, { ...known, after }), from: null };
}

function differencesOf(
  row: TaskRunRow,
  known: Known & { readonly after: StoredVersion | undefined },
): readonly Difference[] {
  if (row.unanswered !== null) return [row.unanswered];
  const before = known.before.get(row.goal);
  if (before === undefined) return [{ kind: 'first' }];
  const { after } = known;
  if (before.key === row.key) return [{ kind: 'forgotten' }];
  if (after === undefined) return withoutResult(before, known.read.get(row.goal) ?? []);
  return compareKeys({ before, after, makers: makersOf(after.inputs, known.makers), pending: new Set() });
}

/**
 * A task run that made nothing left no record of its code, but its inputs are known: if none of them differs, its code
 * does.
 */
function withoutResult(before: StoredVersion, read: readonly ReadInput[]): readonly Difference[] {
  const isRead = ({ task, digests }: InputRecord): boolean =>
    read.some((input) => input.label === task && input.digests === sorted(digests));
  const changed = Object.entries(before.inputs).filter(([, input]) => input.key !== '' && !isRead(input));
  if (changed.length === 0) return [{ kind: 'code', before: before.code, after: null }];
  return changed.map(([name, { digests, task }]) => {
    const maker = read.find(({ label }) => label === task);
    const digest = Object.values(digests)[0] ?? '';
    return { kind: 'input', name, before: digest, after: null, goal: maker?.goal ?? null, label: maker?.label ?? task };
  });
}

const sorted = (digests: Readonly<Record<string, string>>): string =>
  Object.entries(digests)
    .map(([output, digest]) => `${output} ${digest}`)
    .sort()
    .join('\n');

function makersOf(
  inputs: { readonly [name: string]: InputRecord },
  makers: Known['makers'],
): ReadonlyMap<string, InputMaker> {
  const found = Object.entries(inputs).flatMap(([name, { key }]) => {
    const maker = makers.get(key);
    return maker === undefined ? [] : [[name, maker] as const];
  });
  return new Map(found);
}
