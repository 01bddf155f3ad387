import { createHash } from 'node:crypto';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Contract, corruptFile, partsOfName, splitFile, withoutRoles } from '#contracts';
import { type AnyTask, defineTask, type Pipeline, value } from '#engine';
import type { DuckdbPool } from '#store';
import { dataFiles, readStable } from '../data-files.ts';
import { PipelineError } from '../errors.ts';
import { countWaiting } from '../ingest/waiting-files.ts';
import { type DataPlaces, placeIn } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';
import { type IsExampleOptions, isExample } from './is-example.ts';
import { dueLabels, feedLabelsTask, partLabels, removeWaiting, waitingName } from './label-parts.ts';

/** Files put into raw-data when Weir starts, so that there is something to see at once. */
const FILES_AT_START = 3;
/** Share of files with errors when the data are made up and the settings say nothing else. */
const CORRUPT_FILES = 0.4;

/** Replays one file as many arriving ones, for examples, demonstrations and tests of a project. */
export interface FeedOptions {
  /** The contract of the project, with its label. */
  readonly contract: Contract;
  readonly file: string;
  /** How many files it is split into. */
  readonly files: number;
  /** Share of files that get errors; unless set, some of made-up data and none of any other. */
  readonly corruptFiles?: number | undefined;
  /** Share of rows with an error in those. */
  readonly corruptRows: number;
  /** What says whether the file is made-up data. */
  readonly example: IsExampleOptions;
  readonly backlogMax: number;
  readonly partsFolder: string;
  readonly rawFolder: string;
  /** What writes into folders of data; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
  /** How long after its rows the labels of a file arrive; 0 leaves the label column in the file. */
  readonly labelsAfterMinutes: number;
  readonly labelsFolder: string;
  readonly duckdb: DuckdbPool;
}

const feedParams = z.object({
  ...{ part: z.number().int(), name: z.string(), corrupt: z.boolean(), seed: z.number().int() },
  /** When its labels arrive, in milliseconds; null when they do not come apart from it. */
  labelsDueMs: z.number().int().nullable(),
});

const MINUTE_MS = 60_000;

/** The tasks of the feed: one for rows, and one for labels that come later. */
export function feedTasks(options: FeedOptions) {
  return { feedRawData: defineFeedRawData(options), feedLabelData: feedLabelsTask(labelsOptions(options)) };
}

const labelsOptions = ({ contract, partsFolder, labelsFolder, places = localPlaces }: FeedOptions) => ({
  ...{ contract, labelsFolder, places, waitingFolder: path.join(partsFolder, 'labels') },
});

function defineFeedRawData(options: FeedOptions) {
  const { rawFolder, contract, corruptRows: share, duckdb, places = localPlaces } = options;
  const { waitingFolder } = labelsOptions(options);
  return defineTask({
    name: 'feed-raw-data',
    version: '2',
    params: feedParams,
    outputs: { fed: value<string>() },
    run: async ({ params, folder, file, log }) => {
      const { folder: cutInto, parts } = await partsOf(options);
      const part = path.join(cutInto, parts[params.part % parts.length] ?? '');
      const made = path.join(folder, params.name);
      let clean = part;
      if (params.labelsDueMs !== null) {
        clean = path.join(folder, 'rows');
        const labels = path.join(folder, 'labels');
        await partLabels(part, { contract, into: { rows: clean, labels } });
        await mkdir(waitingFolder, { recursive: true });
        await file(labels, path.join(waitingFolder, waitingName(params.labelsDueMs, params.name)));
      }
      // Without a header row the columns are all those of the contract, or the file lacks those that come later.
      const isByPlace = contract.format?.headerRows === 0 && params.labelsDueMs === null;
      const arriving = isByPlace ? contract : withoutRoles(contract, ['label']);
      if (params.corrupt)
        await corruptFile({ path: clean, out: made, contract: arriving, duckdb, seed: params.seed, share });
      else await copyFile(clean, made);
      const place = placeIn(rawFolder, params.name);
      await places.makeRoom([place], new Set([place]));
      const { path: fed } = await places.place({ from: made, to: place }, file);
      log(`${params.corrupt ? 'corrupted' : 'clean'} part ${params.part} as ${params.name}`);
      return { fed };
    },
  });
}

/**
 * The parts, created if missing. Their folder is named after their source, so parts never mix, and appears atomically.
 */
async function partsOf({ file, files, partsFolder, contract: { delimiter, format }, duckdb }: FeedOptions) {
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
    // Another task may split the same file at the same moment.
    await splitFile({
      ...{ path: file, into: folder, files, duckdb, format, isReplacing: true },
      delimiter: format?.delimiter ?? delimiter,
    });
    parts = await dataFiles(folder);
  }
  return { folder, parts };
}

export function feedPipeline(options: FeedOptions, tasks: ReturnType<typeof feedTasks>): Pipeline {
  const labels = labelsOptions(options);
  return {
    name: 'feed',
    description: 'Puts the next part of the example data into raw-data, now and then with errors in it',
    plan: async ({ runId, trigger, at }) => {
      const due = await dueLabels(labels, at);
      const waiting = await countWaiting({ folder: options.rawFolder, places: options.places });
      const isFull = waiting >= options.backlogMax;
      if (isFull && due.length === 0)
        return { kind: 'skip', reason: `raw-data holds ${waiting} files already`, params: {} };
      const count = isFull ? 0 : trigger === 'start' ? FILES_AT_START : 1;
      const corruptFiles = await corruptFilesOf(options);
      const chosen = Array.from({ length: count }, (_, index) =>
        chooseFile(`${runId}-${index}`, { options: { ...options, corruptFiles }, at }),
      );
      return {
        kind: 'run',
        goals: [
          ...chosen.map((params) => tasks.feedRawData.goal(params)),
          ...due.map((file) => tasks.feedLabelData.goal({ waiting: file })),
        ],
        params: { files: count, labels: due },
      };
    },
    settle: async ({ state, params }) => {
      const fed = z.object({ labels: z.array(z.string()) }).safeParse(params);
      if (state === 'succeeded' && fed.success) await removeWaiting(labels, fed.data.labels);
    },
  };
}

/** Data that somebody owns are damaged only when the settings say so. */
async function corruptFilesOf({ file, corruptFiles, example }: FeedOptions): Promise<number> {
  return corruptFiles ?? ((await isExample(file, example)) ? CORRUPT_FILES : 0);
}

/** All random choices of one fed file, from a seed that is unique to it. */
function chooseFile(
  seed: string,
  { options, at }: { readonly options: FeedOptions & { readonly corruptFiles: number }; readonly at: Date },
): z.infer<typeof feedParams> {
  const { file, files, corruptFiles, labelsAfterMinutes } = options;
  const digest = createHash('sha256').update(`feed ${seed}`).digest();
  const { name, ending } = partsOfName(file);
  return {
    part: digest.readUInt32BE(0) % files,
    name: `${name}-${seed}${ending}`,
    corrupt: digest.readUInt32BE(4) / 2 ** 32 < corruptFiles,
    seed: digest.readUInt32BE(8),
    labelsDueMs: labelsAfterMinutes === 0 ? null : at.getTime() + labelsAfterMinutes * MINUTE_MS,
  };
}

/** Both as the registry takes them. */
export function feedRegistry(tasks: ReturnType<typeof feedTasks>): readonly AnyTask[] {
  return Object.values(tasks);
}
