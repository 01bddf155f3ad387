import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { seededRandom } from '../evaluation/random.ts';
import type { Handle, Lightgbm } from './c-api.ts';
import type { RowsFile, TrainMessage, TrainRequest } from './messages.ts';

/** Rows that decide how numbers are cut into bins; LightGBM's own default. */
const SAMPLED_ROWS = 200_000;
/** Numbers of one read: 8 MB. */
const BLOCK_NUMBERS = 1_000_000;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Trains as asked and writes the text of the model. Memory: the sampled rows, and a byte for each number of all rows. */
export async function trainRequest(
  lightgbm: Lightgbm,
  request: TrainRequest,
  tell: (message: TrainMessage) => Promise<void>,
): Promise<TrainMessage> {
  const { parameters } = request;
  const sample = lightgbm.sampled(await sampleRows(request), request.width, parameters);
  const training = await fill(lightgbm, { request, file: request.training, like: sample });
  lightgbm.freeDataset(sample);
  const booster = lightgbm.booster(training, parameters);
  if (request.validation !== undefined)
    lightgbm.addValidation(booster, await fill(lightgbm, { request, file: request.validation, like: training }));
  const { iterations, best } = await iterate(lightgbm, { booster, request, tell });
  await writeFile(request.into, lightgbm.text(booster, best));
  return { kind: 'trained', iterations, best };
}

interface Iterating {
  readonly booster: Handle;
  readonly request: TrainRequest;
  readonly tell: (message: TrainMessage) => Promise<void>;
}

/** Trains tree by tree; with validation rows until they are predicted no better. Every metric that is used falls. */
async function iterate(lightgbm: Lightgbm, { booster, request, tell }: Iterating) {
  const { iterations, patience, validation } = request;
  let [best, bestScore] = [0, Number.POSITIVE_INFINITY];
  for (let done = 1; done <= iterations; done += 1) {
    const isFinished = lightgbm.update(booster);
    if (validation === undefined) {
      best = done;
      await tell({ kind: 'iteration', done });
    } else {
      const score = lightgbm.validationScore(booster);
      if (score < bestScore) [best, bestScore] = [done, score];
      await tell({ kind: 'iteration', done, score });
    }
    if (isFinished || (validation !== undefined && done - best >= patience)) return { iterations: done, best };
  }
  return { iterations, best };
}

async function fill(
  lightgbm: Lightgbm,
  { request, file, like }: { readonly request: TrainRequest; readonly file: RowsFile; readonly like: Handle },
): Promise<Handle> {
  const { width, classWeights } = request;
  const dataset = lightgbm.like(like, file.rowCount);
  await readBlocks(file, width, (rows, first) => lightgbm.push(dataset, rows, { width, first }));
  const labels = new Float32Array(file.rowCount);
  await readBlocks({ ...file, rows: file.labels }, 1, (values, first) => labels.set(values, first));
  lightgbm.setField(dataset, 'label', labels);
  if (classWeights !== undefined)
    lightgbm.setField(
      dataset,
      'weight',
      labels.map((label) => classWeights[label] ?? 1),
    );
  return dataset;
}

/** Rows drawn without regard to what they hold, in their order (Knuth, TAOCP 2, algorithm S); all when there are few. */
async function sampleRows({ training, width, seed }: TrainRequest): Promise<Float64Array> {
  const wanted = Math.min(training.rowCount, SAMPLED_ROWS);
  const sample = new Float64Array(wanted * width);
  const random = seededRandom(seed);
  let [taken, seen] = [0, 0];
  await readBlocks(training, width, (rows) => {
    for (let start = 0; start < rows.length && taken < wanted; start += width, seen += 1) {
      if (random() * (training.rowCount - seen) >= wanted - taken) continue;
      sample.set(rows.subarray(start, start + width), taken * width);
      taken += 1;
    }
  });
  return sample;
}

async function readBlocks(
  file: RowsFile,
  width: number,
  use: (rows: Float64Array, first: number) => void,
): Promise<void> {
  const blockRows = Math.max(1, Math.floor(BLOCK_NUMBERS / width));
  const handle = await open(file.rows, 'r');
  try {
    for (let first = 0; first < file.rowCount; first += blockRows) {
      const rows = new Float64Array(Math.min(blockRows, file.rowCount - first) * width);
      await readWhole(handle, rows, first * width * BYTES);
      use(rows, first);
    }
  } finally {
    await handle.close();
  }
}

async function readWhole(handle: FileHandle, into: Float64Array, position: number): Promise<void> {
  const bytes = new Uint8Array(into.buffer);
  for (let read = 0; read < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, read, bytes.length - read, position + read);
    if (bytesRead === 0) throw new Error(`The file of rows ends ${bytes.length - read} bytes early.`);
    read += bytesRead;
  }
}
