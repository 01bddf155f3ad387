import type { MadePrediction } from '#api';
import { type ConvertedRow, problemText } from './convert.ts';

/** A row of an uploaded file with its prediction, or with the reason why it was left out. */
export interface ResultRow {
  readonly number: number;
  readonly cells: readonly string[];
  readonly item: MadePrediction | undefined;
  readonly reason: string;
}

/** All rows of a file, in its order. `items` are the predictions of the rows without a problem, in their order. */
export function toResultRows(rows: readonly ConvertedRow[], items: readonly MadePrediction[]): ResultRow[] {
  let used = 0;
  return rows.map(({ number, cells, problems }) => ({
    number,
    cells,
    item: problems.length === 0 ? items[used++] : undefined,
    reason: problems.map(problemText).join('; '),
  }));
}

const BEFORE = ['row_number'] as const;
const AFTER = ['prediction', 'probability', 'prediction_id', 'left_out_because'] as const;

/** The file with its results as lines of a CSV file: its own columns keep their names, and ours avoid them. */
export function toResultLines(header: readonly string[], rows: readonly ResultRow[]): unknown[][] {
  const toFreeName = (name: string): string => (header.includes(name) ? toFreeName(`weir_${name}`) : name);
  return [
    [...BEFORE.map(toFreeName), ...header, ...AFTER.map(toFreeName)],
    ...rows.map(({ number, cells, item, reason }) => [
      number,
      ...cells,
      item?.prediction ?? null,
      item?.probability ?? null,
      item?.predictionId ?? null,
      reason,
    ]),
  ];
}
