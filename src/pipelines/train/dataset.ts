import type { FeatureRow } from '#ml';
import { linesOf } from '#store';

/** Rows of a part of a dataset version, as `split-dataset` wrote them: one JSON object per line. */
export async function readPart(file: string): Promise<FeatureRow[]> {
  const rows: FeatureRow[] = [];
  for await (const line of linesOf(file)) {
    // Written by our own task from typed columns, and verified by digest.
    rows.push(JSON.parse(line) as FeatureRow);
  }
  return rows;
}
