import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Contract, corruptFile, partsOfName, splitFile } from '#contracts';
import { type AnyTask, defineTask, type Pipeline, value } from '#engine';
import type { DuckdbPool } from '#store';
import { dataFiles, readStable, removeStaged } from '../data-files.ts';
import { PipelineError } from '../errors.ts';

/** Files put into raw-data when Weir starts, so that there is something to see at once. */
const FILES_AT_START = 3;

/** Replays one file as many arriving ones, for examples, demonstrations and tests of a project. */
export interface FeedOptions {
  readonly contract: Contract;
  readonly file: string;
  /** How many files it is split into. */
  readonly files: number;
  /** Share of files that get errors, and share of rows with an error in those. */
  readonly corruptFiles: number;
  readonly corruptRows: number;
  readonly backlogMax: number;
  readonly partsFolder: string;
  readonly rawFolder: string;
  readonly duckdb: DuckdbPool;
}

const feedParams = z.object({ part: z.number().int(), name: z.string(), corrupt: z.boolean(), seed: z.number().int() });

export function feedTask(options: FeedOptions) {
  const { rawFolder, contract, corruptRows: share, duckdb } = options;
  return defineTask({
    name: 'feed-raw-data',
    version: '1',
    params: feedParams,
    outputs: { fed: value<string>() },
    run: async ({ params, folder, file, log }) => {
      const { folder: cutInto, parts } = await partsOf(options);
      const part = path.join(cutInto, parts[params.part % parts.length] ?? '');
      const made = path.join(folder, params.name);
      if (params.corrupt) await corruptFile({ path: part, out: made, contract, duckdb, seed: params.seed, share });
      else await copyFile(part, made);
      const place = path.join(rawFolder, params.name);
      await removeStaged([place]);
      const { path: fed } = await file(made, place);
      log(`${params.corrupt ? 'corrupted' : 'clean'} part ${params.part} as ${params.name}`);
      return { fed };
    },
  });
}

/**
 * The parts, created if missing. Their folder is named after their source, so parts never mix, and appears atomically.
 */
async function partsOf({ file, files, partsFolder, contract: { delimiter }, duckdb }: FeedOptions) {
  const content = await readStable(file);
  if (typeof content === 'string') {
    throw new PipelineError(
      'feed_unreadable',
      `Expected a file to feed at ${file}, and it is ${content}. Put one there or empty feed.file.`,
    );
  }
  const folder = path.join(partsFolder, `${content.digest.slice(0, 16)}-${files}`);
  let parts = await dataFiles(folder);
  if (parts.length !== files) {
    await splitFile({ path: file, into: folder, files, delimiter, duckdb });
    parts = await dataFiles(folder);
  }
  return { folder, parts };
}

export function feedPipeline(options: FeedOptions, task: ReturnType<typeof feedTask>): Pipeline {
  return {
    name: 'feed',
    description: 'Puts the next part of the example data into raw-data, now and then with errors in it',
    plan: async ({ runId, trigger }) => {
      const waiting = (await dataFiles(options.rawFolder)).length;
      if (waiting >= options.backlogMax) {
        return { kind: 'skip', reason: `raw-data holds ${waiting} files already`, params: {} };
      }
      const count = trigger === 'start' ? FILES_AT_START : 1;
      const goals = Array.from({ length: count }, (_, index) => task.goal(chooseFile(`${runId}-${index}`, options)));
      return { kind: 'run', goals, params: { files: count } };
    },
  };
}

/** All random choices of one fed file, from a seed that is unique to it. */
function chooseFile(seed: string, { file, files, corruptFiles }: FeedOptions): z.infer<typeof feedParams> {
  const digest = createHash('sha256').update(`feed ${seed}`).digest();
  const { name, ending } = partsOfName(file);
  return {
    part: digest.readUInt32BE(0) % files,
    name: `${name}-${seed}${ending}`,
    corrupt: digest.readUInt32BE(4) / 2 ** 32 < corruptFiles,
    seed: digest.readUInt32BE(8),
  };
}

/** As the registry takes it. */
export function feedRegistry(task: ReturnType<typeof feedTask>): readonly AnyTask[] {
  return [task];
}
