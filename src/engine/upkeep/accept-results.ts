import { type Database, holdArtifacts, type Queryable } from '#store';
import { EngineError } from '../define/errors.ts';
import type { Goal } from '../define/goal.ts';
import type { Registry } from '../define/registry.ts';
import { messageOf } from '../define/thrown.ts';
import { type Difference, describeDifference } from '../records/difference.ts';
import { newestOfTask, type StoredVersion } from '../records/read-versions.ts';
import type { Completeness } from '../resolve/completeness.ts';
import { type ProjectParts, resolverPartsOf } from '../resolve/project-parts.ts';
import { Resolver } from '../resolve/resolver.ts';

export interface AcceptOptions extends ProjectParts {
  readonly task: string;
  /** Who accepts, and why: recorded for each result. */
  readonly actor: string;
  readonly reason: string;
  /** Returns what would be accepted and records nothing. */
  readonly isDryRun?: boolean;
  readonly onProgress?: (progress: { readonly goals: number }) => void;
}

export interface Refusal {
  readonly goal: Goal;
  /** In readable form: "param seed 1 → 2". */
  readonly because: string;
}

export interface AcceptReport {
  readonly accepted: number;
  /** Goals that are complete already. */
  readonly current: number;
  readonly refused: number;
  /** The first of those refused. */
  readonly refusals: readonly Refusal[];
}

const PAGE = 200;
const REFUSALS_MAX = 100;

/**
 * Declares that the current code of a task would make its newest results: they are re-keyed without computing. A goal
 * is refused when anything but the code differs, so that no result is recorded for params or inputs that it was not
 * made from.
 */
export async function acceptResults(options: AcceptOptions): Promise<AcceptReport> {
  const { database, isDryRun = false } = options;
  if (options.actor.trim() === '' || options.reason.trim() === '')
    throw new EngineError('reason_missing', 'Accepting results needs who does it and why; both stay on record.');
  const parts = resolverPartsOf(options);
  const { registry, completeness } = parts;
  const task = registry.task(options.task);
  const report = { accepted: 0, current: 0, refused: 0, refusals: [] as Refusal[] };
  for (let after = ''; ; ) {
    const page = await newestOfTask(database, { names: [task.name, ...task.formerNames], after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return report;
    after = last.goalId;
    // A fresh one for each page, so that memory does not grow with the number of goals.
    const resolver = new Resolver(parts);
    const accepted: Accepted[] = [];
    for (const result of page) {
      const evaluated = await evaluate(result, { resolver, registry, missingOutput: completeness.missingOutput });
      if (evaluated.kind === 'accepted') accepted.push({ result, key: evaluated.key });
      else if (evaluated.kind === 'current') report.current++;
      else if (++report.refused <= REFUSALS_MAX)
        report.refusals.push({ goal: result.goal, because: evaluated.because });
    }
    report.accepted += isDryRun
      ? accepted.length
      : await record(database, { options, accepted, code: registry.code(task.name) });
    options.onProgress?.({ goals: report.accepted + report.current + report.refused });
  }
}

type Evaluation =
  | { readonly kind: 'current' }
  | { readonly kind: 'accepted'; readonly key: string }
  | { readonly kind: 'refused'; readonly because: string };

interface EvaluationParts {
  readonly resolver: Resolver;
  readonly registry: Registry;
  readonly missingOutput: Completeness['missingOutput'];
}

async function evaluate(
  result: StoredVersion,
  { resolver, registry, missingOutput }: EvaluationParts,
): Promise<Evaluation> {
  const refused = (because: string): Evaluation => ({ kind: 'refused', because });
  let goalId: string;
  try {
    [goalId = ''] = await resolver.resolve([result.goal]);
  } catch (error) {
    return refused(messageOf(error));
  }
  if (goalId !== result.goalId) return refused('its params are others under the current schema');
  const explanation = resolver.resolved.get(goalId)?.explanation;
  if (explanation?.state === 'complete') return { kind: 'current' };
  const others = (explanation?.differences ?? []).filter(({ kind }) => kind !== 'code');
  if (others.length > 0 || explanation?.key == null) return refused(describeAll(others));
  const changed = result.code !== registry.code(result.goal.task);
  if (!changed) return refused('its code is the same');
  const foreign = Object.entries(result.outputs).find(
    ([, output]) => output.kind === 'rows' && output.sink !== undefined,
  );
  if (foreign !== undefined)
    return refused(`its output ${foreign[0]} is in another store, whose marker names the code that wrote it`);
  const { key, outputs } = result;
  const missing = await missingOutput({ key, goal: goalId, outputs });
  return missing === undefined
    ? { kind: 'accepted', key: explanation.key }
    : refused(`its output ${missing} is missing`);
}

const describeAll = (differences: readonly Difference[]): string =>
  differences.length === 0
    ? 'its key is not known before its inputs are computed'
    : differences.map(describeDifference).join('; ');

interface Accepted {
  readonly result: StoredVersion;
  readonly key: string;
}

// The copied version exists, and so do its bytes: nothing is collected while the lock on artifacts is held.
const COPY = `
with wanted as (select * from unnest($1::bigint[], $2::text[]) as w (version, key)),
copied as (
  insert into manifests (key, trace_digest, goal, task, params, code, inputs, outputs, trace, token, accepted_from)
  select w.key, m.trace_digest, m.goal, m.task, m.params, $3, m.inputs, m.outputs, m.trace, nextval('claim_tokens'), m.version
  from wanted w join manifests m using (version)
  where not exists (select 1 from manifests n where n.key = w.key)
  returning key, version, accepted_from)
insert into acceptances (task, goal, from_code, to_code, from_key, to_key, from_version, to_version, actor, reason)
select m.task, m.goal, m.code, $3, m.key, c.key, m.version, c.version, $4, $5
from copied c join manifests m on m.version = c.accepted_from
returning goal, from_key as "fromKey", to_key as "toKey"`;

function record(
  database: Database,
  {
    options,
    accepted,
    code,
  }: { readonly options: AcceptOptions; readonly accepted: readonly Accepted[]; readonly code: string },
): Promise<number> {
  if (accepted.length === 0) return Promise.resolve(0);
  return database.transaction(async (tx) => {
    await holdArtifacts(tx);
    const copied = await tx.query<Rekeyed>(COPY, [
      accepted.map(({ result }) => result.version),
      accepted.map(({ key }) => key),
      ...[code, options.actor, options.reason],
    ]);
    await rekeyRows(tx, copied);
    return copied.length;
  });
}

interface Rekeyed {
  readonly goal: string;
  readonly fromKey: string;
  readonly toKey: string;
}

/** The rows are unchanged; only the marker gets the new key. */
async function rekeyRows(tx: Queryable, copied: readonly Rekeyed[]): Promise<void> {
  await tx.query(
    `update sink_markers s set key = c.to_key from unnest($1::text[], $2::text[], $3::text[]) as c (goal, from_key, to_key)
     where s.goal = c.goal and s.key = c.from_key`,
    [copied.map(({ goal }) => goal), copied.map(({ fromKey }) => fromKey), copied.map(({ toKey }) => toKey)],
  );
}

/** One result that was accepted. */
export interface Acceptance {
  readonly task: string;
  readonly goal: string;
  readonly fromCode: string;
  readonly toCode: string;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly actor: string;
  readonly reason: string;
  readonly acceptedAt: Date;
}

/** Accepted results, newest first. */
export function listAcceptances(
  database: Queryable,
  { task, limit = PAGE }: { readonly task?: string; readonly limit?: number } = {},
): Promise<readonly Acceptance[]> {
  return database.query<Acceptance>(
    `select task, goal, from_code as "fromCode", to_code as "toCode", from_version::text as "fromVersion",
       to_version::text as "toVersion", actor, reason, accepted_at as "acceptedAt"
     from acceptances where $1::text is null or task = $1 order by id desc limit $2`,
    [task ?? null, limit],
  );
}
