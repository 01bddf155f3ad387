import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { z } from 'zod';
import { type CheckResult, type CollectedPart, checkFile, collectRows, withoutFormat } from '#contracts';
import { type BlobInput, blob, defineTask, value } from '#engine';
import { copyLabels, type DatasetPart, newestDataset, recordDataset } from '#ml';
import { toCountText } from '#store';
import { contractIdentity } from '../contract-identity.ts';
import { PipelineError } from '../errors.ts';
import { localPlaces } from '../places/local-places.ts';
import { arrivingContract, LATER_ROLES } from '../project.ts';
import { referenceInputs, referencePaths } from '../references.ts';
import type { TrainOptions } from './options.ts';
import { describeSource, type TrainingSource, trainingSourceSchema } from './sources.ts';
import { listFiles, type TrainingFile } from './training-files.ts';

/** Of what is copied out of a database, whatever the project's files have. */
const SQL_DELIMITER = ',' as const;

/** Runs the project's SQL. By `run`: the query is read again by each run; equal rows train nothing again. */
export function defineQueryData({ connections }: TrainOptions) {
  return defineTask({
    name: 'query-data',
    version: '1',
    params: z.object({ run: z.string(), connection: z.string(), sql: z.string() }),
    outputs: { dataset: blob() },
    run: async ({ params, folder, blob: store, log, signal }) => {
      const file = path.join(folder, 'dataset.csv');
      await pipe(Readable.from(connections(params.connection).copyToCsv(params.sql)), createWriteStream(file), {
        signal,
      });
      const dataset = await store({ path: file });
      log(`read ${dataset.sizeBytes} bytes over ${params.connection}`);
      return { dataset };
    },
  });
}

export type QueryData = ReturnType<typeof defineQueryData>;

/** Checks rows of a query against the contract; training continues with the good ones. */
export function defineCheckDataset({ project, duckdb }: TrainOptions, queryData: QueryData) {
  return defineTask({
    name: 'check-dataset',
    version: '2',
    params: z.object({ contract: z.string() }),
    reads: { queried: queryData },
    inputs: () => referenceInputs(project.references),
    outputs: { result: value<CheckResult>(), good: blob() },
    run: async ({ inputs, folder, blob: store, signal, log }) => {
      const contract = { ...withoutFormat(arrivingContract(project.contract)), delimiter: SQL_DELIMITER };
      const file = await inputs.queried.dataset.path();
      const options = { path: file, name: 'dataset.csv', contract, mayLack: LATER_ROLES, folder, duckdb, signal };
      const references = await referencePaths(project.references, inputs);
      const { result, good } = await fitRows(await checkFile({ ...options, references }));
      log(result.summary);
      return { result, good: await store({ path: good }) };
    },
  });
}

export type CheckDataset = ReturnType<typeof defineCheckDataset>;

/** Checks one file of training data. A file with the same bytes is checked once, in whatever run. */
export function defineCheckTrainingFile({ project, duckdb, places = localPlaces }: TrainOptions) {
  return defineTask({
    name: 'check-training-file',
    version: '1',
    params: z.object({ file: z.string(), digest: z.string(), contract: z.string() }),
    inputs: () => referenceInputs(project.references),
    outputs: { result: value<CheckResult>(), good: blob() },
    run: async ({ params, inputs, folder, blob: store, signal, log }) => {
      const copy = path.join(folder, 'training-file');
      const content = await places.read(params.file, { copyTo: copy });
      if (typeof content === 'string' || content.digest !== params.digest)
        throw new PipelineError(
          'dataset_unfit',
          `${params.file} changed while its rows were collected. Train again when it is written to the end.`,
        );
      const contract = arrivingContract(project.contract);
      const name = path.basename(params.file);
      const references = await referencePaths(project.references, inputs);
      const { result, good } = await fitRows(
        await checkFile({ references, path: copy, name, contract, mayLack: LATER_ROLES, folder, duckdb, signal }),
      );
      log(result.summary);
      return { result, good: await store({ path: good }) };
    },
  });
}

export type CheckTrainingFile = ReturnType<typeof defineCheckTrainingFile>;

async function fitRows({ result, files }: Awaited<ReturnType<typeof checkFile>>) {
  if (files.good === undefined || result.criticality === 'high') {
    throw new PipelineError(
      'dataset_unfit',
      `The dataset is not fit to train on: ${result.file}: ${result.summary}. Correct the rows or the contract, then train again.`,
    );
  }
  return { result, good: files.good };
}

/** Lists the files of all sources that are files, as they are when the run comes to them. */
export function defineListTrainingFiles({ projectFolder, goodFolder, places = localPlaces }: TrainOptions) {
  return defineTask({
    name: 'list-training-files',
    version: '1',
    params: z.object({ run: z.string(), at: z.string(), sources: z.array(trainingSourceSchema) }),
    outputs: { files: value<readonly TrainingFile[]>() },
    run: async ({ params, log, signal }) => {
      const at = new Date(params.at);
      const files = await listFiles(params.sources, { projectFolder, goodFolder, places, at, signal });
      log(toCountText(files.length, 'file'));
      return { files };
    },
  });
}

export type ListTrainingFiles = ReturnType<typeof defineListTrainingFiles>;

interface Before {
  readonly checkDataset: CheckDataset;
  readonly listTrainingFiles: ListTrainingFiles;
  readonly checkTrainingFile: CheckTrainingFile;
}

/** SQL of a source as the run found it, beside what the project says. */
const queries = z.array(z.object({ source: z.int(), connection: z.string(), sql: z.string() }));

/** What names a dataset of a run. */
export const collectParams = {
  run: z.string(),
  at: z.string(),
  model: z.string(),
  contract: z.string(),
  sources: z.array(trainingSourceSchema),
  queries,
};

/**
 * Joins the rows of all sources into a dataset version: each id once, the newest row of it, with the label that is known
 * now. Records what it holds and what is new in it.
 */
export function defineCollectDataset(options: TrainOptions, before: Before) {
  const { project, database, artifacts, duckdb } = options;
  const contract = contractIdentity(project.contract);
  const checked = contractIdentity(arrivingContract(project.contract));
  return defineTask({
    name: 'collect-dataset',
    version: '1',
    params: z.object(collectParams),
    inputs: ({ run, at, sources, queries: asked }) => ({
      listed: before.listTrainingFiles.goal({ run, at, sources }),
      queried: asked.map(({ connection, sql }) =>
        before.checkDataset.goal({ run, connection, sql, contract: checked }),
      ),
    }),
    runtimeInputs: (_, { listed }) => ({
      files: listed.files.map(({ file, digest }) => before.checkTrainingFile.goal({ file, digest, contract: checked })),
    }),
    outputs: { dataset: blob(), version: value<number>(), rows: value<number>() },
    run: async ({ params, inputs, folder, blob: store, log, signal, runId }) => {
      const parts = await partsOf(params.sources, {
        queried: params.queries.map(({ source }, index) => ({ source, checked: inputs.queried[index] })),
        files: inputs.listed.files.map((file, index) => ({ ...file, checked: inputs.files[index] })),
      });
      const newest = await newestDataset(database, params.model);
      const isKept = newest !== undefined && (await artifacts.stat(newest.digest)) !== undefined;
      const previous = isKept ? await artifacts.localPath(newest.digest) : undefined;
      const into = path.join(folder, 'dataset.csv');
      const labels = path.join(folder, 'labels.csv');
      await pipe(Readable.from(copyLabels(database, params.model)), createWriteStream(labels), { signal });
      const collected = await collectRows({
        ...{ contract: project.contract, labels, into, duckdb, signal },
        parts: parts.map(({ file, source }) => ({ file, ...readingOf(params.sources[source], params.at) })),
        ...(previous === undefined ? {} : { previous }),
      });
      if (collected.rows === 0)
        throw new PipelineError(
          'dataset_unfit',
          `There is no labelled row to train on: ${toCountText(collected.unlabelled, 'row waits for its label', 'rows wait for their label')}. Send labels, or add a source with labels to training in project.ts.`,
        );
      const dataset = await store({ path: into });
      const version = await recordDataset(database, {
        ...{ model: params.model, digest: dataset.digest, sizeBytes: dataset.sizeBytes, contract, runId },
        ...collected,
        parts: params.sources.map((source, index) => describePart(source, { index, parts, counts: collected.parts })),
      });
      const { rows, added, unlabelled } = collected;
      log(`dataset ${version}: ${rows} rows, ${added} of them new; ${unlabelled} wait for their label`);
      return { dataset, version, rows };
    },
  });
}

export type CollectDataset = ReturnType<typeof defineCollectDataset>;

interface Checked {
  readonly result: CheckResult;
  readonly good: BlobInput;
}

interface Part {
  readonly source: number;
  readonly file: string;
  readonly result: CheckResult;
}

interface Found {
  readonly queried: readonly { readonly source: number; readonly checked: Checked | undefined }[];
  readonly files: readonly { readonly source: number; readonly checked: Checked | undefined }[];
}

/** The good rows of all sources, in the order of the sources, so that a later one replaces rows of an earlier one. */
async function partsOf(sources: readonly TrainingSource[], { queried, files }: Found): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const index of sources.keys())
    for (const { source, checked } of [...queried, ...files])
      if (source === index && checked !== undefined)
        parts.push({ source, file: await checked.good.path(), result: checked.result });
  return parts;
}

const DAY_MS = 86_400_000;

function readingOf(source: TrainingSource | undefined, at: string): Omit<CollectedPart, 'file'> {
  if (source === undefined) return {};
  const { kind, lastDays } = source;
  return {
    ...(kind === 'sql' && { delimiter: SQL_DELIMITER }),
    ...(lastDays !== null && { since: new Date(Date.parse(at) - lastDays * DAY_MS) }),
  };
}

function describePart(
  source: TrainingSource,
  of: { readonly index: number; readonly parts: readonly Part[]; readonly counts: readonly number[] },
): DatasetPart {
  const { index, parts, counts } = of;
  const own = parts.flatMap((part, at) => (part.source === index ? [{ part, rows: counts[at] ?? 0 }] : []));
  return {
    kind: source.kind,
    description: describeSource(source),
    files: source.kind === 'sql' ? 0 : own.length,
    rows: own.reduce((sum, { rows }) => sum + rows, 0),
    bad: own.reduce((sum, { part }) => sum + part.result.rows.in - part.result.rows.good, 0),
  };
}
