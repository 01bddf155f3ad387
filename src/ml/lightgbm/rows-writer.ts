import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { Labels, Matrix } from '../estimators/estimator.ts';
import { seededRandom } from '../evaluation/random.ts';
import type { RowsFile } from './messages.ts';

interface WriterOptions {
  readonly folder: string;
  /** Share of the rows that are written apart, to stop by; none when 0. */
  readonly validationShare: number;
  readonly seed: number;
}

export interface WrittenRows {
  readonly training: RowsFile;
  readonly validation?: RowsFile;
  /** Rows of each class in the training file. */
  readonly counts: readonly number[];
}

/** Writes blocks of rows to files from which the child trains, so that no training has to fit into memory twice. */
export async function openRowsWriter({ folder, validationShare, seed }: WriterOptions) {
  const random = seededRandom(seed);
  const training = await openRows(folder, 'training');
  const validation = validationShare === 0 ? undefined : await openRows(folder, 'validation');
  const counts: number[] = [];
  return {
    add: async (matrix: Matrix, labels: Labels): Promise<void> => {
      // The first row is trained on, so that there is one.
      const sides = Array.from({ length: matrix.rowCount }, (_, row) =>
        validation !== undefined && training.rowCount + row > 0 && random() < validationShare ? validation : training,
      );
      labels.values.forEach((label, row) => {
        if (sides[row] === training && labels.label.kind === 'classification') counts[label] = (counts[label] ?? 0) + 1;
      });
      for (const file of [training, validation])
        await file?.write(matrix, { labels, isOwn: (row) => sides[row] === file });
    },
    close: async (): Promise<WrittenRows> => {
      await training.close();
      await validation?.close();
      const stops = validation !== undefined && validation.rowCount > 0;
      return { training: training.file(), ...(stops ? { validation: validation.file() } : {}), counts };
    },
  };
}

async function openRows(folder: string, name: string) {
  const file = { rows: path.join(folder, `${name}.rows`), labels: path.join(folder, `${name}.labels`) };
  const handles = { rows: await open(file.rows, 'w'), labels: await open(file.labels, 'w') };
  let rowCount = 0;
  return {
    get rowCount() {
      return rowCount;
    },
    write: async (
      { columns, values }: Matrix,
      { labels, isOwn }: { readonly labels: Labels; readonly isOwn: (row: number) => boolean },
    ): Promise<void> => {
      const width = columns.length;
      const own = Array.from(labels.values.keys()).filter(isOwn);
      const rows = new Float64Array(own.length * width);
      own.forEach((row, at) => {
        rows.set(values.subarray(row * width, (row + 1) * width), at * width);
      });
      await append(handles.rows, rows);
      await append(
        handles.labels,
        Float64Array.from(own, (row) => labels.values[row]!),
      );
      rowCount += own.length;
    },
    close: async (): Promise<void> => {
      await handles.rows.close();
      await handles.labels.close();
    },
    file: (): RowsFile => ({ ...file, rowCount }),
  };
}

const append = (handle: FileHandle, numbers: Float64Array): Promise<void> =>
  handle.appendFile(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
