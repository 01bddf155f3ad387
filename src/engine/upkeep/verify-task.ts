import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ArtifactDriver, type Database, fsArtifacts } from '#store';
import { type Artifacts, digestsOf, type InputRecord, isSameDigests, type TraceRecord } from '../define/artifact.ts';
import { EngineError } from '../define/errors.ts';
import { createFileDigests } from '../define/file-digests.ts';
import type { Goal } from '../define/goal.ts';
import { flattenInputs, type InputGroups } from '../define/inputs.ts';
import { makeRowsDigest } from '../define/key.ts';
import { createRegistry, type Registry } from '../define/registry.ts';
import type { Task } from '../define/task.ts';
import { runAttempt, type Workplace } from '../execute/attempt.ts';
import { runBatch } from '../execute/batch.ts';
import type { Assignment, ExecutionContext, Outcome } from '../execute/executor.ts';
import { realFileDisk } from '../execute/place-file.ts';
import type { Sinks } from '../execute/sinks.ts';
import type { ProjectParts } from '../resolve/project-parts.ts';
import { findRuntimeInputs } from '../resolve/runtime-inputs.ts';

/** Runs attempts that leave nothing behind: no blob, no file, no row, no record. */
export interface DryRun {
  run(assignment: Assignment, context: ExecutionContext): Promise<Outcome>;
  close(): Promise<void>;
}

export async function openDryRun(options: {
  readonly registry: Registry;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly folder?: string | undefined;
}): Promise<DryRun> {
  const { registry, database, artifacts, folder } = options;
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'weir-verify-'));
  const made = await fsArtifacts({ folder: path.join(scratch, 'artifacts') });
  const workplace: Workplace = {
    registry,
    database: withoutClaims(database),
    artifacts: layered(made, artifacts),
    sinks: { write: countRows(database) },
    digestFile: createFileDigests(),
    folder: folder ?? path.join(scratch, 'attempts'),
    // A staged file is never renamed; the end of the attempt removes it.
    disk: { ...realFileDisk, rename: async () => undefined },
  };
  return {
    run: (assignment, context) =>
      registry.task(assignment.task).batch === undefined
        ? runAttempt(assignment, context, workplace)
        : runAlone(assignment, { context, workplace }),
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}

async function runAlone(
  assignment: Assignment,
  { context, workplace }: { readonly context: ExecutionContext; readonly workplace: Workplace },
): Promise<Outcome> {
  let reported: Outcome | undefined;
  const report = async (_: number, outcome: Outcome): Promise<void> => {
    reported = outcome;
  };
  const end = await runBatch([assignment], { signal: context.signal, report }, workplace);
  return reported ?? { kind: 'failed', error: end.error, log: end.logs[0] ?? '' };
}

/** The only transaction of an attempt itself renames its files under its claim; here it has no claim. */
const withoutClaims = (database: Database): Database => ({
  ...database,
  // The one statement always gets a row.
  transaction: (work) => work({ query: async <R>() => [{}] as unknown as readonly R[], copyIn: async () => 0 }),
});

/** The attempt stores into the scratch folder, and reads from both. */
function layered(made: ArtifactDriver, stored: ArtifactDriver): ArtifactDriver {
  const holder = async (digest: string): Promise<ArtifactDriver> =>
    (await made.stat(digest)) === undefined ? stored : made;
  return {
    name: made.name,
    put: (content) => made.put(content),
    putFile: (file) => made.putFile(file),
    stat: async (digest) => (await holder(digest)).stat(digest),
    read: async (digest) => (await holder(digest)).read(digest),
    localPath: async (digest) => (await holder(digest)).localPath(digest),
    delete: (digest) => made.delete(digest),
    list: () => made.list(),
    releasePath: async (path) => stored.releasePath?.(path),
  };
}

class RollBack extends Error {
  readonly rowCount: number;
  constructor(rowCount: number) {
    super('The rows of a dry run are not kept.');
    this.rowCount = rowCount;
  }
}

/** Writes the rows in a transaction that is rolled back. */
function countRows(database: Database): Sinks['write'] {
  return async ({ owner, output, sink, write }) => {
    if (sink !== undefined)
      throw new EngineError(
        'verify_refused',
        `Output ${output} goes to the sink ${sink}, where writing cannot be taken back. Verify tasks that write to Weir's own database, or make values and blobs.`,
      );
    const rowCount = await database
      // The writer of Weir's own database is its transaction.
      .transaction(async (tx) => Promise.reject(new RollBack(await write(tx as never))))
      .catch((error: unknown) => {
        if (error instanceof RollBack) return error.rowCount;
        throw error;
      });
    return { kind: 'rows', digest: makeRowsDigest({ key: owner.key, output, rowCount }), rowCount };
  };
}

export interface VerifyOptions extends ProjectParts {
  readonly task: string;
  /**
   * How many goals are run again, sampled by the seed from those that have results of the current code. 10 unless
   * given.
   */
  readonly sample?: number;
  readonly seed?: string;
  /** Where private folders are made; the system's temporary folder when absent. */
  readonly folder?: string;
  readonly onProgress?: (progress: { readonly goals: number; readonly goalsMax: number }) => void;
}

/** An output that differs in another run of the same code on the same params and inputs. */
export interface DifferingOutput {
  readonly goal: Goal;
  readonly version: string;
  readonly output: string;
  readonly stored: string;
  readonly computed: string;
}

export interface VerifyReport {
  /** Goals that were run again and made every output as it is stored. */
  readonly equal: number;
  readonly differing: readonly DifferingOutput[];
  /** Goals that could not be compared, with the reason, for example a need that the stored result did not have. */
  readonly failed: readonly { readonly goal: Goal; readonly version: string; readonly reason: string }[];
}

const SAMPLE_DEFAULT = 10;

interface Sampled {
  readonly version: string;
  readonly goalId: string;
  readonly key: string;
  readonly params: Goal['params'];
  readonly inputs: { readonly [name: string]: InputRecord };
  readonly outputs: Artifacts;
  readonly trace: readonly TraceRecord[];
}

/**
 * Runs a sample of a task's goals again, commits nothing, places no file and keeps no row, and compares digests. Output
 * kinds `value`, `blob` and `file` are compared by their bytes, `rows` by their number.
 */
export async function verifyTask(options: VerifyOptions): Promise<VerifyReport> {
  const { database, tasks, fingerprints, sample = SAMPLE_DEFAULT, seed = '', onProgress } = options;
  const registry = createRegistry(tasks, fingerprints === undefined ? {} : { fingerprints });
  const task = registry.task(options.task);
  if (task.source !== undefined)
    throw new EngineError(
      'verify_refused',
      `Task ${task.name} reads a source, which may have changed since; it cannot be verified.`,
    );
  const sampled = await database.query<Sampled>(
    `select version::text, goal as "goalId", key, params, inputs, outputs, trace from (
       select distinct on (goal) * from manifests where task = any($1::text[]) and code = $2
       order by goal, manifests.version desc) newest
     order by md5(goal || $3) limit $4`,
    [[task.name, ...task.formerNames], registry.code(task.name), seed, sample],
  );
  const report = { equal: 0, differing: [] as DifferingOutput[], failed: [] as VerifyReport['failed'][number][] };
  const dryRun = await openDryRun({ ...options, registry });
  try {
    for (const [index, result] of sampled.entries()) {
      const goal = { task: task.name, params: result.params };
      const { version } = result;
      const computed = await runAgain(result, { task, registry, dryRun, options });
      if (typeof computed === 'string') report.failed.push({ goal, version, reason: computed });
      else {
        const differing = compare(result.outputs, computed).map((output) => ({ goal, version, ...output }));
        report.differing.push(...differing);
        if (differing.length === 0) report.equal++;
      }
      onProgress?.({ goals: index + 1, goalsMax: sampled.length });
    }
  } finally {
    await dryRun.close();
  }
  return report;
}

function compare(
  stored: Artifacts,
  computed: Artifacts,
): readonly Pick<DifferingOutput, 'output' | 'stored' | 'computed'>[] {
  const [before, after] = [digestsOf(stored), digestsOf(computed)];
  return Object.keys(before).flatMap((output) => {
    const sides = { stored: before[output] ?? '', computed: after[output] ?? '' };
    return sides.stored === sides.computed ? [] : [{ output, ...sides }];
  });
}

interface Again {
  readonly task: Task;
  readonly registry: Registry;
  readonly dryRun: DryRun;
  readonly options: VerifyOptions;
}

/** Its outputs, or why it has none. */
async function runAgain(result: Sampled, again: Again): Promise<Artifacts | string> {
  const { task, registry, dryRun, options } = again;
  const inputs = await artifactsOf(Object.entries(result.inputs), options.database);
  if (typeof inputs === 'string') return inputs;
  const needs = await artifactsOf(
    result.trace.filter(({ key }) => key !== '').map((need) => [registry.goalId(need), need]),
    options.database,
  );
  if (typeof needs === 'string') return needs;
  const assignment: Assignment = {
    ...{ runId: '0', task: task.name, params: result.params, goal: result.goalId, key: result.key },
    ...{ token: '0', attempt: 1, inputs, groups: await groupsOf(result, { again, inputs }) },
  };
  const outcome: Outcome = await dryRun.run(assignment, {
    signal: AbortSignal.timeout(task.timeoutMs),
    need: async (goal) => {
      const artifacts = needs[registry.goalId(registry.validGoal(goal))];
      if (artifacts !== undefined) return { kind: 'complete', artifacts };
      return { kind: 'refused', reason: `it needs ${goal.task}, which it did not need before`, isError: true };
    },
  });
  if (outcome.kind === 'succeeded') return outcome.outputs;
  if (outcome.kind === 'failed') return outcome.error.message;
  return outcome.kind === 'skipped' ? `it was skipped: ${outcome.reason}` : 'it released its slot';
}

/** Name to the artifacts that a record refers to; a text when they are no longer on record. */
async function artifactsOf(
  records: readonly (readonly [name: string, record: InputRecord])[],
  database: Database,
): Promise<Readonly<Record<string, Artifacts>> | string> {
  const rows = await database.query<{ key: string; outputs: Artifacts }>(
    'select key, outputs from manifests where key = any($1::text[])',
    [records.map(([, { key }]) => key)],
  );
  const found: Record<string, Artifacts> = {};
  for (const [name, record] of records) {
    const row = rows.find(
      ({ key, outputs }) => key === record.key && isSameDigests(digestsOf(outputs), record.digests),
    );
    if (row === undefined) return `what it read of ${record.task} is no longer on record`;
    found[name] = row.outputs;
  }
  return found;
}

/** How its inputs are gathered: its declared ones, and the further ones that follow from them. */
async function groupsOf(
  result: Sampled,
  { again, inputs }: { readonly again: Again; readonly inputs: Readonly<Record<string, Artifacts>> },
): Promise<InputGroups> {
  const { task, options } = again;
  const declared = flattenInputs(task.name, task.inputs(result.params));
  if (task.runtimeInputs === undefined) return declared.groups;
  const names = declared.goals.map(([name]) => name);
  const further = await findRuntimeInputs(task, {
    ...{
      goal: { task: task.name, params: result.params },
      names,
      groups: declared.groups,
      artifacts: options.artifacts,
    },
    inputs: Object.fromEntries(names.flatMap((name) => (inputs[name] === undefined ? [] : [[name, inputs[name]]]))),
  });
  return { ...declared.groups, ...further.groups };
}
