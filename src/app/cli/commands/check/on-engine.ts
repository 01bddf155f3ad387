import path from 'node:path';
import { checkOnEngine } from '#contracts';
import { printable } from '../../ending.ts';
import { withSpark } from '../../on-spark.ts';
import { type CheckCommand, type Checked, type Checking, check } from './run.ts';

/** Checks a file, or a folder of files, on a cluster; the exit code is that of the verdict. */
export const checkSet = (place: string, command: CheckCommand): Promise<number> => check(place, command, checkOnSpark);

async function checkOnSpark(
  { place, dataset, name, options }: Checking,
  { flags: { into }, around, show }: CheckCommand,
): Promise<Checked> {
  // The cluster has another working folder.
  const folder = path.resolve(options.folder);
  const outcome = await withSpark({ folder, name: 'weir-check', around }, ({ engine, onWork }) =>
    show(`Checking ${printable(name)} on Spark`, (onProgress) =>
      checkOnEngine(engine, {
        ...{ ...options, name, folder, writesParts: into !== undefined, onProgress, onWork },
        files: dataset?.partitions ?? [{ name, path: path.resolve(place) }],
      }),
    ),
  );
  const places = Object.keys(outcome.files).map((part) => [part, path.join(into ?? '', part)] as const);
  return { result: outcome.result, files: Object.fromEntries(places) };
}
