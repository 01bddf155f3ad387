import type { Contract } from '../contract.ts';
import type { Encoding } from './decode.ts';
import { formatOf } from './format.ts';
import { openSource } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

type Delimiter = Contract['delimiter'];

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t'];
const NAMED_FOR_TABS = /\.(tsv|tab)(\.gz)?$/i;
const LF = 10;
const QUOTE = 34;

/**
 * Finds the delimiter of a CSV file: tab for `.tsv`, else the most frequent one in the first line outside of quotes; a
 * comma when there is none.
 */
export async function findDelimiter(
  file: string,
  options: { readonly encoding?: Encoding | undefined } = {},
): Promise<Delimiter> {
  if (NAMED_FOR_TABS.test(file)) return '\t';
  if ((await formatOf(file, file)) !== 'csv') return ',';
  const counts = countsIn(await firstBlock(file, options));
  return DELIMITERS.reduce((most, other) => ((counts.get(other) ?? 0) > (counts.get(most) ?? 0) ? other : most));
}

async function firstBlock(file: string, { encoding }: { readonly encoding?: Encoding | undefined }): Promise<Buffer> {
  try {
    for await (const block of openSource(file, encoding === undefined ? {} : { encoding }).blocks()) return block;
  } catch (error) {
    // The full reading of the file reports the error better.
    if (!(error instanceof UndecodableError)) throw error;
  }
  return Buffer.alloc(0);
}

/** How often each delimiter occurs in the first line, which may span lines within quotes. */
function countsIn(bytes: Buffer): ReadonlyMap<Delimiter, number> {
  const counts = new Map<Delimiter, number>();
  let isQuoted = false;
  for (const byte of bytes) {
    if (byte === LF && !isQuoted) break;
    if (byte === QUOTE) isQuoted = !isQuoted;
    const delimiter = isQuoted ? undefined : DELIMITERS.find((one) => one.charCodeAt(0) === byte);
    if (delimiter !== undefined) counts.set(delimiter, (counts.get(delimiter) ?? 0) + 1);
  }
  return counts;
}
