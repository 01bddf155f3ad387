import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactDriver, Queryable } from '#store';
import type { Artifact, Artifacts } from '../define/artifact.ts';
import type { Json } from '../define/goal.ts';

export interface RunFolderOptions {
  readonly database: Queryable;
  readonly artifacts: ArtifactDriver;
  /** Parent of the folders of runs, each named by the id of its run. */
  readonly folder: string;
}

/** Nobody browses more folders than this: a larger run has its first ones, and the web app shows the rest. */
const TASK_RUNS_MAX = 200;
/** Folders of deleted runs are searched once there are this many. */
const FOLDERS_KEPT = 100;

interface TaskRunRow {
  readonly goal: string;
  readonly task: string;
  readonly params: Json;
  readonly state: string;
  readonly reason: string | null;
  readonly key: string | null;
  readonly outputs: Artifacts | null;
  readonly logs: readonly string[] | null;
}

/** The present state of a run: each task run with its newest result under its key, and what its attempts wrote. */
const TASK_RUNS = `
select t.goal, t.task, t.params, t.state, t.reason, t.key,
  (select m.outputs from manifests m where m.key = t.key order by m.token desc limit 1) as outputs,
  (select array_agg(a.log order by a.number) from attempts a where a.run_id = t.run_id and a.goal = t.goal and a.log <> '') as logs
from task_runs t where t.run_id = $1 order by t.position limit ${TASK_RUNS_MAX}`;

/**
 * Writes a run as folders for people to browse: one for each task run, with its log, its values as JSON and links to
 * its files. The folder appears as a whole and replaces the one of an earlier call; no code reads it.
 */
export async function writeRunFolder(runId: string, options: RunFolderOptions): Promise<void> {
  const { database, folder } = options;
  const taskRuns = await database.query<TaskRunRow>(TASK_RUNS, [runId]);
  if (taskRuns.length === 0) return;
  const finished = path.join(folder, runId);
  const work = path.join(folder, `.writing-${runId}`);
  await rm(work, { recursive: true, force: true });
  const counts = new Map<string, number>();
  for (const { task } of taskRuns) counts.set(task, (counts.get(task) ?? 0) + 1);
  for (const taskRun of taskRuns) {
    const { task, goal } = taskRun;
    // Goals of one task are distinguished by their identity.
    const name = counts.get(task) === 1 ? task : `${task}-${goal.slice(0, 12)}`;
    await writeTaskRun(path.join(work, name), { taskRun, options });
  }
  await rm(finished, { recursive: true, force: true });
  await rename(work, finished);
  await removeForgotten(options);
}

async function writeTaskRun(
  folder: string,
  { taskRun, options }: { readonly taskRun: TaskRunRow; readonly options: RunFolderOptions },
): Promise<void> {
  const { outputs, logs, ...about } = taskRun;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'task-run.json'), `${JSON.stringify(about, undefined, 2)}\n`);
  if (logs !== null) await writeFile(path.join(folder, 'log.txt'), `${logs.join('\n')}\n`);
  for (const [name, artifact] of Object.entries(outputs ?? {}))
    await writeOutput(path.join(folder, encodeURIComponent(name)), { artifact, options });
}

async function writeOutput(
  at: string,
  { artifact, options }: { readonly artifact: Artifact; readonly options: RunFolderOptions },
): Promise<void> {
  switch (artifact.kind) {
    case 'value':
      if (artifact.value === undefined) return linkBlob(`${at}.json`, { digest: artifact.digest, options });
      return writeFile(`${at}.json`, `${JSON.stringify(artifact.value, undefined, 2)}\n`);
    case 'blob':
      return linkBlob(at, { digest: artifact.digest, options });
    case 'file':
      return symlink(artifact.path, at);
    case 'rows':
      return writeFile(`${at}.json`, `${JSON.stringify({ rows: artifact.rowCount })}\n`);
    default:
      return artifact satisfies never;
  }
}

async function linkBlob(
  at: string,
  { digest, options }: { readonly digest: string; readonly options: RunFolderOptions },
): Promise<void> {
  // Removed or damaged since: there is nothing to link to.
  if ((await options.artifacts.stat(digest)) === undefined) return;
  const address = options.artifacts.addressOf?.(digest);
  // Nobody asked for the bytes: of a store elsewhere it is enough to know the place.
  if (address !== undefined) return writeFile(`${at}.address.txt`, `${address}\n`);
  await symlink(await options.artifacts.localPath(digest), at);
}

/** Folders of runs that the database no longer has. */
async function removeForgotten({ database, folder }: RunFolderOptions): Promise<void> {
  const ids = (await readdir(folder)).filter((name) => /^\d{1,18}$/.test(name));
  if (ids.length <= FOLDERS_KEPT) return;
  const known = await database.query<{ id: string }>('select id::text from runs where id = any($1::bigint[])', [ids]);
  const kept = new Set(known.map(({ id }) => id));
  for (const id of ids) if (!kept.has(id)) await rm(path.join(folder, id), { recursive: true, force: true });
}
