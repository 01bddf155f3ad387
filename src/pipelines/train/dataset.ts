import { createReadStream } from 'node:fs';
import type { FeatureRow } from '#ml';

/** Rows of a part of a dataset version, as `split-dataset` wrote them: one JSON object per line. */
export async function readPart(file: string): Promise<FeatureRow[]> {
  const rows: FeatureRow[] = [];
  for await (const line of linesOf(file)) {
    // Written by our own task from typed columns, and verified by digest.
    rows.push(JSON.parse(line) as FeatureRow);
  }
  return rows;
}

/** Lines that end with a line feed and nothing else: `readline` also ends them at U+2028, which JSON leaves in texts. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const block of createReadStream(file, 'utf8')) {
    const lines = `${rest}${block}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
