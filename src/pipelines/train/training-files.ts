import { stat } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '#store';
import { PipelineError } from '../errors.ts';
import { type DataPlaces, placeIn } from '../places/data-places.ts';
import type { TrainingSource } from './sources.ts';

/** One file to take rows from. */
export interface TrainingFile {
  /** Its place in the project's list of sources. */
  readonly source: number;
  /** Absolute path. */
  readonly file: string;
  readonly digest: string;
}

export interface ListFilesOptions {
  readonly projectFolder: string;
  readonly goodFolder: string;
  readonly places: DataPlaces;
  /** The end of windows of days. */
  readonly at: Date;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;

/** The files of all sources, those of one source from the oldest to the newest, so that newer rows replace older ones. */
export async function listFiles(
  sources: readonly TrainingSource[],
  options: ListFilesOptions,
): Promise<readonly TrainingFile[]> {
  const files: TrainingFile[] = [];
  for (const [source, each] of sources.entries()) {
    for (const file of await placesOf(each, options)) {
      options.signal.throwIfAborted();
      const content = await options.places.read(file);
      // A file that is being written to is taken by the next training.
      if (typeof content !== 'string') files.push({ source, file, digest: content.digest });
      else if (each.kind === 'files') throw missing(file, content);
    }
  }
  return files;
}

async function placesOf(source: TrainingSource, options: ListFilesOptions): Promise<readonly string[]> {
  switch (source.kind) {
    case 'sql':
      return [];
    case 'good-data':
      return inTime(await filesBelow(options.goodFolder, options.places), { source, at: options.at });
    case 'files': {
      const found: TimedFile[] = [];
      for (const each of source.paths)
        found.push(...(await filesAt(path.resolve(options.projectFolder, each), options.places)));
      return inTime(found, { source, at: options.at });
    }
    default:
      return source satisfies never;
  }
}

interface TimedFile {
  readonly file: string;
  readonly ms: number;
}

/** The file itself, or the files of a folder. */
async function filesAt(place: string, places: DataPlaces): Promise<readonly TimedFile[]> {
  const found = await stat(place).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ENOTDIR')) throw missing(place, 'missing');
    throw error;
  });
  return found.isDirectory() ? filesBelow(place, places) : [{ file: place, ms: found.mtimeMs }];
}

const filesBelow = async (folder: string, places: DataPlaces): Promise<readonly TimedFile[]> =>
  (await places.look(folder)).map(({ name, modifiedAtMs }) => ({ file: placeIn(folder, name), ms: modifiedAtMs }));

function inTime(
  files: readonly TimedFile[],
  { source, at }: { readonly source: TrainingSource; readonly at: Date },
): readonly string[] {
  const sinceMs = source.lastDays === null ? Number.NEGATIVE_INFINITY : at.getTime() - source.lastDays * DAY_MS;
  return files
    .filter(({ ms }) => ms >= sinceMs)
    .sort((a, b) => a.ms - b.ms || (a.file < b.file ? -1 : 1))
    .map(({ file }) => file);
}

function missing(file: string, why: string): PipelineError {
  return new PipelineError(
    'dataset_unfit',
    `Expected training data at ${file}; it is ${why}. Put the file there, or correct the path in training of project.ts.`,
  );
}
