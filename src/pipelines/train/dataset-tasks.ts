import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { z } from 'zod';
import { type CheckResult, checkFile, readGoodRows } from '#contracts';
import { blob, defineTask, TaskError, value } from '#engine';
import { splitOf } from '#ml';
import { PipelineError } from '../errors.ts';
import { columnWithRole } from '../project.ts';
import type { TrainOptions } from './options.ts';

const PAGE_ROWS = 5000;

/** Runs the project's SQL; the digest of its rows is the dataset version. */
export function defineQueryData({ connections }: TrainOptions) {
  return defineTask({
    name: 'query-data',
    version: '1',
    // `run`: each run executes the query again. Later tasks do not have this param, so unchanged rows are not trained
    // again.
    params: z.object({ run: z.string(), connection: z.string(), sql: z.string() }),
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
    params: z.object({ contract: z.string() }),
    reads: { queried: queryData },
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
        throw new PipelineError(
          'dataset_unfit',
          `The dataset is not fit to train on: ${checked.result.summary}. Correct the rows or the contract, then train again.`,
        );
      }
      return { result: checked.result, good: await store({ path: checked.files.good }) };
    },
  });
}

export type CheckDataset = ReturnType<typeof defineCheckDataset>;

/** Splits the good rows by a hash of their id: a row never changes sides when others are added or removed. */
export function defineSplitDataset({ project, duckdb }: TrainOptions, checkDataset: CheckDataset) {
  return defineTask({
    name: 'split-dataset',
    version: '1',
    params: z.object({ contract: z.string(), testShare: z.number(), seed: z.number() }),
    reads: { checked: checkDataset },
    outputs: { training: blob(), test: blob() },
    run: async ({ params, inputs, folder, blob: store, log, signal }) => {
      const parts = { training: await createPart(folder, 'training'), test: await createPart(folder, 'test') };
      try {
        const id = columnWithRole(project.contract, 'id');
        const { contract } = project;
        const file = await inputs.checked.good.path();
        await readGoodRows({ file, contract, duckdb, pageRows: PAGE_ROWS, signal }, async (rows) => {
          const lines = { training: [] as string[], test: [] as string[] };
          for (const row of rows) lines[splitOf(String(row[id]), params)].push(`${JSON.stringify(row)}\n`);
          await parts.training.write(lines.training);
          await parts.test.write(lines.test);
        });
      } finally {
        await parts.training.close();
        await parts.test.close();
      }
      const { training, test } = parts;
      if (training.rows() === 0 || test.rows() === 0) {
        throw new TaskError(
          `Training needs rows on both sides of the split; got ${training.rows()} to train on and ${test.rows()} to test. Add rows or change training.testShare.`,
          { class: 'data' },
        );
      }
      log(`${training.rows()} rows to train on, ${test.rows()} to test`);
      return { training: await store({ path: training.path }), test: await store({ path: test.path }) };
    },
  });
}

/** A file of lines that is written page by page, so that no dataset has to fit into memory. */
async function createPart(folder: string, name: string) {
  const file = path.join(folder, `${name}.jsonl`);
  const handle = await open(file, 'w');
  let rows = 0;
  return {
    path: file,
    rows: () => rows,
    write: async (lines: readonly string[]) => {
      rows += lines.length;
      await handle.appendFile(lines.join(''));
    },
    close: () => handle.close(),
  };
}

export type SplitDataset = ReturnType<typeof defineSplitDataset>;
