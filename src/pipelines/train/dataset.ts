import type { FeatureRow } from '#ml';
import { linesOf } from '#store';

/** Goes through the rows of a part without keeping them. */
export async function forEachRow(file: string, use: (row: FeatureRow) => void): Promise<void> {
  // Written by our own task from typed columns, and verified by digest.
  for await (const line of linesOf(file)) use(JSON.parse(line) as FeatureRow);
}

/** Rows of a part of a dataset version, as `split-dataset` wrote them: one JSON object per line; all of them unless said which. */
export async function readPart(file: string, isOwn: (row: number) => boolean = () => true): Promise<FeatureRow[]> {
  const rows: FeatureRow[] = [];
  let row = 0;
  for await (const line of linesOf(file)) {
    // Written by our own task from typed columns, and verified by digest.
    if (isOwn(row)) rows.push(JSON.parse(line) as FeatureRow);
    row += 1;
  }
  return rows;
}
