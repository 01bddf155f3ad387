import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { type CheckResult, checkFile, readGoodRows } from '#contracts';
import { blob, defineTask, value } from '#engine';
import { splitOf } from '#ml';
import { columnWithRole } from '../project.ts';
import { counting, type TrainOptions, trainParams } from './params.ts';

const PAGE_ROWS = 5000;

/** Runs the project's SQL; the digest of the rows it gives is the dataset version. */
export function defineQueryData({ connections }: TrainOptions) {
  return defineTask({
    name: 'query-data',
    version: '1',
    params: trainParams,
    insignificant: counting('run', 'connection', 'sql'),
    outputs: { dataset: blob() },
    run: async ({ params, folder, blob: store, log, signal }) => {
      const file = path.join(folder, 'dataset.csv');
      await pipe(Readable.from(connections(params.connection).copyToCsv(params.sql)), createWriteStream(file), {
        signal,
      });
      const dataset = await store({ path: file });
      log(`dataset version ${dataset.digest.slice(0, 12)}: ${dataset.sizeBytes} bytes`);
      return { dataset };
    },
  });
}

export type QueryData = ReturnType<typeof defineQueryData>;

/** Checks the dataset version against the whole contract, label included; training goes on with its good rows. */
export function defineCheckDataset({ project, duckdb }: TrainOptions, queryData: QueryData) {
  return defineTask({
    name: 'check-dataset',
    version: '1',
    params: trainParams,
    insignificant: counting('contract'),
    inputs: (params) => ({ queried: queryData.goal(params) }),
    outputs: { result: value<CheckResult>(), good: blob() },
    run: async ({ inputs, folder, blob: store, signal, log }) => {
      const file = await inputs.queried.dataset.path();
      const checked = await checkFile({
        path: file,
        name: 'dataset.csv',
        contract: project.contract,
        folder,
        duckdb,
        signal,
      });
      log(checked.result.summary);
      if (checked.files.good === undefined || checked.result.criticality === 'high') {
        throw new Error(
          `The dataset is not fit to train on: ${checked.result.summary}. Mend the rows or the contract, then train again.`,
        );
      }
      return { result: checked.result, good: await store({ path: checked.files.good }) };
    },
  });
}

export type CheckDataset = ReturnType<typeof defineCheckDataset>;

/** Splits the good rows by a hash of their id: a row never changes sides when others come or go. */
export function defineSplitDataset({ project, duckdb }: TrainOptions, checkDataset: CheckDataset) {
  return defineTask({
    name: 'split-dataset',
    version: '1',
    params: trainParams,
    insignificant: counting('contract', 'testShare', 'seed'),
    inputs: (params) => ({ checked: checkDataset.goal(params) }),
    outputs: { training: blob(), test: blob() },
    run: async ({ params, inputs, blob: store, log, signal }) => {
      const lines = { training: [] as string[], test: [] as string[] };
      const id = columnWithRole(project.contract, 'id');
      const { contract } = project;
      await readGoodRows(
        { file: await inputs.checked.good.path(), contract, duckdb, pageRows: PAGE_ROWS, signal },
        (rows) => {
          for (const row of rows) lines[splitOf(String(row[id]), params)].push(`${JSON.stringify(row)}\n`);
        },
      );
      const { training, test } = lines;
      if (training.length === 0 || test.length === 0) {
        throw new Error(
          `Training needs rows on both sides of the split; got ${training.length} to train on and ${test.length} to test. Add rows or change training.testShare.`,
        );
      }
      log(`${training.length} rows to train on, ${test.length} to test`);
      return { training: await store(Buffer.from(training.join(''))), test: await store(Buffer.from(test.join(''))) };
    },
  });
}

export type SplitDataset = ReturnType<typeof defineSplitDataset>;
