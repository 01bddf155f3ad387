import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type AnyTask, type BuiltTask, createCodeBuilder, loadBuiltTasks, type PackageLock } from '#engine';
import type { Project } from '#pipelines';
import { writeFileAtomically } from '#store';
import { describeWithPlace } from './error-text.ts';
import { UsageError } from './errors.ts';
import { toUsageError, weirUrl } from './load-project.ts';
import type { ProjectPaths } from './paths.ts';

/** The project's own tasks, exactly as hashed: every executor runs these. */
export interface ProjectCode {
  readonly tasks: readonly AnyTask[];
  readonly fingerprints: ReadonlyMap<string, string>;
  /** File that lists the built tasks, for processes that must run the same. */
  readonly index: string;
}

/** Built code, and the files of the project that are in it. */
export interface BuiltCode extends ProjectCode {
  readonly files: readonly string[];
}

/** Builds the tasks in the files that the project names, each under its fingerprint in `code` of the state folder. */
export async function buildProjectCode(project: Project, paths: ProjectPaths): Promise<BuiltCode> {
  const folder = path.join(paths.state, 'code');
  const files = project.tasks;
  for (const file of files) await assertThere(path.join(paths.project, file), project.name);
  const lock = files.length === 0 ? undefined : await maybeLock(paths.project);
  const builder = await createCodeBuilder({
    ...{ root: paths.project, files, folder, weirUrl },
    ...(lock === undefined ? {} : { lock }),
  });
  try {
    const built = files.length === 0 ? [] : await builder.build();
    return { ...(await loadProjectCode(await writeIndex(folder, built))), files: builder.files() };
  } catch (error) {
    throw toUsageError(error, { entry: files.join(', '), folder: paths.project }) ?? error;
  } finally {
    await builder.close();
  }
}

/** Loads built tasks, possibly of another process, without reading the sources. */
export async function loadProjectCode(index: string): Promise<ProjectCode> {
  // Written below, by this part.
  const built = JSON.parse(await readFile(index, 'utf8')) as readonly BuiltTask[];
  try {
    return { ...(await loadBuiltTasks(built)), index };
  } catch (error) {
    throw new UsageError(
      'project_invalid',
      `The project's tasks could not be loaded: ${describeWithPlace(error, path.dirname(index))}`,
      {
        cause: error,
      },
    );
  }
}

async function writeIndex(folder: string, built: readonly BuiltTask[]): Promise<string> {
  const text = JSON.stringify(built);
  const file = path.join(folder, `index-${createHash('sha256').update(text).digest('hex').slice(0, 20)}.json`);
  await writeFileAtomically(file, text);
  return file;
}

async function assertThere(file: string, project: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  throw new UsageError(
    'project_invalid',
    `Project ${project} names ${file} among its tasks, and there is no such file. Files in "tasks" are relative to project.ts.`,
  );
}

/**
 * What a worker has to bring itself to run the tasks of a project: this version of Weir, and the packages that the
 * project has locked. All else it fetches.
 */
export async function runtimeOf(projectFolder: string, version: string): Promise<string> {
  const lock = await maybeLock(projectFolder);
  const { folder: _, ...locked } = lock ?? { folder: '' };
  return `${version}-${createHash('sha256').update(JSON.stringify(locked)).digest('hex').slice(0, 10)}`;
}

/**
 * The nearest package-lock.json in the parent folders: versions of packages that tasks reach are part of their code.
 */
async function maybeLock(folder: string): Promise<PackageLock | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    const text = await readFile(path.join(at, 'package-lock.json'), 'utf8').catch(() => undefined);
    // npm wrote it, in the format of its versions since 7.
    if (text !== undefined) return { ...(JSON.parse(text) as PackageLock), folder: at };
    if (at === path.dirname(at)) return undefined;
  }
}
