import { pathToFileURL } from 'node:url';
import { EngineError } from '../define/errors.ts';
import type { AnyTask, Task } from '../define/task.ts';
import type { PackageLock } from './packages.ts';

/** Where a task is defined. */
export interface TaskSource {
  /** Relative to the root. */
  readonly file: string;
  readonly exported: string;
}

export interface BuiltTask extends TaskSource {
  readonly fingerprint: string;
  /** The module that was hashed and that runs; its default export is the task. */
  readonly path: string;
  /** Packages it reaches, with locked versions. */
  readonly packages: readonly string[];
}

export interface CodeOptions {
  readonly root: string;
  /** Files whose exported tasks are built, relative to the root. */
  readonly files: readonly string[];
  /** Folder of the bundles, each named by its fingerprint. */
  readonly folder: string;
  readonly lock?: PackageLock;
  /** What `import … from 'weir'` means in a bundle. */
  readonly weirUrl?: string;
}

/**
 * Imports a file as the entry of one task. It remains a file of the project, so the project's settings apply to it too.
 */
export const KEPT = '?weir-task=';

/** The message of esbuild, with the plain file name in place of a task's entry. */
export const withoutKept = (text: string): string => text.replaceAll(/\?weir-task=[\w$]+/g, '');

/** Loads built tasks exactly as they were hashed, and returns their fingerprints. */
export async function loadBuiltTasks(
  built: readonly BuiltTask[],
): Promise<{ readonly tasks: readonly AnyTask[]; readonly fingerprints: ReadonlyMap<string, string> }> {
  const tasks: Task[] = [];
  const fingerprints = new Map<string, string>();
  for (const { path: file, fingerprint, exported } of built) {
    const module: { readonly default?: Task } = await import(pathToFileURL(file).href);
    if (module.default?.name === undefined) throw new EngineError('code_invalid', `${exported} in ${file} is no task.`);
    tasks.push(module.default);
    fingerprints.set(module.default.name, fingerprint);
  }
  return { tasks, fingerprints };
}
