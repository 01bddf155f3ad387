import { open } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Contract, columnWithRole, maybeColumnWithRole, readGoodRows, type TypedRow } from '#contracts';
import { blob, defineTask, TaskError } from '#engine';
import { type Part, type Split, splitOf } from '#ml';
import type { DuckdbPool } from '#store';
import type { CollectDataset } from './dataset-tasks.ts';
import type { TrainOptions } from './options.ts';

const PAGE_ROWS = 5000;

/**
 * Splits the dataset. By a hash of the id, so that a row never changes sides when others come or go; or, where the
 * contract has a column with role `time`, by time: the newest rows are the test part, as a model is asked of the future.
 */
export function defineSplitDataset({ project, duckdb }: TrainOptions, collectDataset: CollectDataset) {
  return defineTask({
    name: 'split-dataset',
    version: '2',
    params: z.object({ contract: z.string(), testShare: z.number(), seed: z.number() }),
    reads: { collected: collectDataset },
    outputs: { training: blob(), test: blob() },
    run: async ({ params, inputs, folder, blob: store, log, signal }) => {
      const parts = { training: await createPart(folder, 'training'), test: await createPart(folder, 'test') };
      try {
        const reading = { file: await inputs.collected.dataset.path(), contract: project.contract, duckdb, signal };
        const sideOf = await sides(reading, params);
        await readGoodRows({ ...reading, pageRows: PAGE_ROWS }, async (rows) => {
          const lines = { training: [] as string[], test: [] as string[] };
          for (const row of rows) lines[sideOf(row)].push(`${JSON.stringify(row)}\n`);
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

export type SplitDataset = ReturnType<typeof defineSplitDataset>;

interface Reading {
  readonly file: string;
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  readonly signal: AbortSignal;
}

/** Which side a row is on. */
async function sides(reading: Reading, split: Split): Promise<(row: TypedRow) => Part> {
  const time = maybeColumnWithRole(reading.contract, 'time');
  const cut = time === undefined ? undefined : await timeOfCut(reading, { time, testShare: split.testShare });
  if (time !== undefined && cut !== undefined) return (row) => (momentOf(row[time]) >= cut ? 'test' : 'training');
  const id = columnWithRole(reading.contract, 'id');
  return (row) => splitOf(String(row[id]), split);
}

/** When the test part begins; undefined when all rows are of one moment, which no time can split. */
async function timeOfCut(
  reading: Reading,
  { time, testShare }: { readonly time: string; readonly testShare: number },
): Promise<number | undefined> {
  const moments: number[] = [];
  await readGoodRows({ ...reading, pageRows: PAGE_ROWS }, (rows) => {
    for (const row of rows) moments.push(momentOf(row[time]));
  });
  moments.sort((a, b) => a - b);
  const cut = moments[Math.floor(moments.length * (1 - testShare))];
  return cut === undefined || cut === moments[0] ? undefined : cut;
}

/** Rows without a time count as the oldest. */
const momentOf = (cell: TypedRow[string] | undefined): number =>
  typeof cell === 'string' ? Date.parse(cell) : Number.NEGATIVE_INFINITY;

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
