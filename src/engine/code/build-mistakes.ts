import path from 'node:path';
import type { BuildFailure } from 'esbuild';
import { withoutKept } from './built-task.ts';

/**
 * The mistakes that esbuild found in the sources, with file and line; undefined for any other error. Files are relative
 * to `folder`.
 */
export function maybeBuildMistakes(
  error: unknown,
  { entry, folder }: { readonly entry: string; readonly folder: string },
): readonly string[] | undefined {
  if (!isBuildFailure(error)) return undefined;
  const lines = error.errors.map(({ text, location }) => {
    const file = path.resolve(folder, withoutKept(location?.file ?? entry));
    return `${file}:${location?.line ?? 0}: ${withoutKept(text)}`;
  });
  return [...new Set(lines)];
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && !(error instanceof AggregateError) && 'errors' in error;
