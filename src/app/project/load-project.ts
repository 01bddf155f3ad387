import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleModule, type ModuleBundle, maybeBuildMistakes } from '#engine';
import type { Project } from '#pipelines';
import { makeStateFolder, writeFileAtomically } from '#store';
import { describeWithPlace } from './error-text.ts';
import { UsageError } from './errors.ts';

const isSource = import.meta.url.endsWith('.ts');

/** What `weir` is in a project: the library of this process. */
export const weirUrl = new URL(`../library.${isSource ? 'ts' : 'js'}`, import.meta.url).href;

/** A project and its built module, which other processes load instead of building it again. */
export interface LoadedProject {
  readonly project: Project;
  readonly module: string;
  /** The files of the project that are in the module. */
  readonly files: readonly string[];
}

/**
 * Builds and loads `project.ts`. The build is kept under its content's digest in the state folder, with an inline source map.
 * Throws a UsageError when there is none, when it does not build, or when its default export is no project.
 */
export async function loadProject(projectFolder: string, stateFolder: string): Promise<LoadedProject> {
  const entry = await findProjectFile(projectFolder);
  const { module, files } = await buildModule(entry, { stateFolder });
  return { project: await loadBuiltProject(module, entry), module, files };
}

/** Loads a project that was built already, possibly by another process. `entry` is its source. */
export async function loadBuiltProject(module: string, entry: string): Promise<Project> {
  const loaded = await importBuilt(module, entry);
  if (isProject(loaded.default)) return withCode(loaded.default, module);
  throw new UsageError(
    'project_invalid',
    `Expected ${entry} to say "export default defineProject({…})"; its default export is ${nameKind(loaded.default)}.`,
  );
}

/** The project, whose contract is another one when the code has changed that its functions may use. */
function withCode(project: Project, module: string): Project {
  const { contract } = project;
  if (contract === undefined) return project;
  const isOpen = contract.expectations.some(
    ({ rule }) => rule?.over === 'row' && rule.test === 'function' && rule.isOpen === true,
  );
  // The build is named by its digest.
  return isOpen
    ? Object.freeze({ ...project, contract: Object.freeze({ ...contract, code: path.parse(module).name }) })
    : project;
}

interface ModuleLoading {
  readonly stateFolder: string;
  /** What is made of the built code before it is loaded; nothing unless set. */
  readonly finish?: (code: string) => string;
}

/**
 * Builds a TypeScript module and its relative imports, loads it, and returns its exports. The build stays in
 * `stateFolder`. Throws a UsageError when it does not build or cannot be loaded.
 */
export async function loadModule(entry: string, loading: ModuleLoading): Promise<Readonly<Record<string, unknown>>> {
  return importBuilt((await buildModule(entry, loading)).module, entry);
}

async function buildModule(
  entry: string,
  { stateFolder, finish = (code) => code }: ModuleLoading,
): Promise<Pick<LoadedProject, 'module' | 'files'>> {
  const folder = path.join(stateFolder, 'build');
  await makeStateFolder(stateFolder);
  await mkdir(folder, { recursive: true });
  const { code: built, files } = await bundle(entry, folder);
  const code = finish(Buffer.from(built).toString());
  const file = path.join(folder, `${createHash('sha256').update(code).digest('hex').slice(0, 20)}.mjs`);
  await writeFileAtomically(file, code);
  return { module: file, files };
}

/** Path of the folder's `project.ts`; throws a UsageError when the folder or the file is missing. */
export async function findProjectFile(projectFolder: string): Promise<string> {
  const folder = await stat(projectFolder).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new UsageError(
      'project_missing',
      `Expected the project's folder at ${projectFolder}, and there is none. Name it with --project.`,
    );
  const entry = path.join(projectFolder, 'project.ts');
  const file = await stat(entry).catch(() => undefined);
  if (file?.isFile()) return entry;
  throw new UsageError(
    'project_missing',
    `Expected a project file at ${entry}, and there is none. Name the project's folder with --project.`,
  );
}

async function importBuilt(file: string, entry: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UsageError(
      'project_invalid',
      `${entry} could not be loaded: ${describeWithPlace(error, path.dirname(entry))}`,
      {
        cause: error,
      },
    );
  }
}

const nameKind = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : `${typeof value === 'object' ? 'another' : 'a'} ${typeof value}`;

async function bundle(entry: string, folder: string): Promise<ModuleBundle> {
  try {
    return await bundleModule({ entry, folder, weirUrl });
  } catch (error) {
    throw toUsageError(error, { entry, folder: path.dirname(entry) }) ?? error;
  }
}

/** The mistakes in sources that do not build; undefined for any other error. Files are relative to `folder`. */
export function toUsageError(
  error: unknown,
  { entry, folder }: { readonly entry: string; readonly folder: string },
): UsageError | undefined {
  const mistakes = maybeBuildMistakes(error, { entry, folder });
  if (mistakes === undefined) return undefined;
  return new UsageError('project_invalid', `${entry} does not build:\n  ${mistakes.join('\n  ')}`, { cause: error });
}

const isProject = (value: unknown): value is Project =>
  typeof value === 'object' && value !== null && 'title' in value && 'tasks' in value && 'pipelines' in value;
