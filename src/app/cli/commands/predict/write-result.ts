import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { JobFormat } from '#pipelines';
import type { ArtifactDriver } from '#store';
import { UsageError } from '../../../project/errors.ts';

/** The endings of a result, and whether it stays compressed. */
const ENDINGS: readonly (readonly [RegExp, JobFormat, isCompressed: boolean])[] = [
  [/\.csv$/i, 'csv', false],
  [/\.csv\.gz$/i, 'csv', true],
  [/\.(ndjson|jsonl)$/i, 'ndjson', false],
  [/\.(ndjson|jsonl)\.gz$/i, 'ndjson', true],
  [/\.parquet$/i, 'parquet', false],
];

/** The format that the ending of a result says, and whether it stays compressed. */
export function endingOf(out: string): (typeof ENDINGS)[number] {
  const found = ENDINGS.find(([ending]) => ending.test(out));
  if (found !== undefined) return found;
  throw new UsageError(
    'usage_invalid',
    `Expected --out to end in .csv, .ndjson, .jsonl or .parquet, the first three also with .gz; got "${out}".`,
  );
}

/** Writes the result to where a person asked for it: to a temporary name beside it first, so that nobody reads half of it. */
export async function writeResult(
  artifacts: ArtifactDriver,
  { results, out }: { readonly results: Readonly<Record<JobFormat, string>>; readonly out: string },
): Promise<string> {
  const [, format, isCompressed] = endingOf(out);
  const place = path.resolve(out);
  const unfinished = path.join(path.dirname(place), `.weir-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const content = await artifacts.read(results[format]);
    const file = createWriteStream(unfinished, { flags: 'wx' });
    if (format === 'parquet' || isCompressed) await pipeline(content, file);
    else await pipeline(content, createGunzip(), file);
    await rename(unfinished, place);
  } finally {
    await rm(unfinished, { force: true });
  }
  return place;
}
