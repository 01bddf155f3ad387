import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { FeatureRow } from '#ml';

/** Rows of a part of a dataset version, as `split-dataset` wrote them: one JSON object a line. */
export async function readPart(file: string): Promise<FeatureRow[]> {
  const rows: FeatureRow[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    // Written by our own task from typed columns, and verified by digest.
    if (line !== '') rows.push(JSON.parse(line) as FeatureRow);
  }
  return rows;
}
