import { pathToFileURL } from 'node:url';
import { EngineError } from '../define/errors.ts';
import type { Task } from '../define/task.ts';
import type { BuiltTask } from './built-task.ts';

/** Loads built tasks, as they were hashed, and says what stands for their code. */
export async function loadBuiltTasks(
  built: readonly BuiltTask[],
): Promise<{ readonly tasks: readonly Task[]; readonly fingerprints: ReadonlyMap<string, string> }> {
  const tasks: Task[] = [];
  const fingerprints = new Map<string, string>();
  for (const { path: file, fingerprint, exported } of built) {
    const module: { readonly default?: Task } = await import(pathToFileURL(file).href);
    if (module.default?.name === undefined) throw new EngineError(`${exported} in ${file} is no task.`);
    tasks.push(module.default);
    fingerprints.set(module.default.name, fingerprint);
  }
  return { tasks, fingerprints };
}
