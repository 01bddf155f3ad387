import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { profileOnEngine } from '#contracts';
import { UsageError } from '../../../project/errors.ts';
import { printable } from '../../ending.ts';
import { withSpark } from '../../on-spark.ts';
import { type ProfileCommand, type Profiler, profile } from './run.ts';

/** Summarises a file, or a folder or pattern of files, on a cluster. */
export const profileSet = (place: string, command: ProfileCommand): Promise<number> =>
  profile(place, command, profileOnSpark);

const profileOnSpark: Profiler = async (place, dataset, { flags, options, around, show }) => {
  if (flags.format !== undefined && options.contract === undefined)
    throw new UsageError('usage_invalid', 'Expected --contract with --format and --engine spark.');
  const { name, partitions } = dataset ?? single(place);
  const given = flags.work === undefined ? undefined : path.resolve(flags.work);
  const folder = given ?? (await mkdtemp(path.join(tmpdir(), 'weir-profile-')));
  try {
    return await withSpark({ folder, name: 'weir-profile', around }, ({ engine, onWork }) =>
      show(`Profiling ${printable(name)} on Spark`, (onProgress) =>
        profileOnEngine(engine, { ...options, name, partitions, folder, onWork, onProgress }),
      ),
    );
  } finally {
    if (given === undefined) await rm(folder, { recursive: true, force: true });
  }
};

/** A file as a dataset of its own. */
function single(place: string) {
  const file = { name: path.basename(place), path: path.resolve(place) };
  return {
    name: file.name,
    partitions: [{ ...file, use: <T>(work: (path: string) => Promise<T>): Promise<T> => work(file.path) }],
  };
}
