import { ContractError } from '../errors.ts';
import { readStart } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

export type Format = 'csv' | 'parquet' | 'ndjson' | 'json-array';

const START_BYTES = 64;
const NAMED_PARQUET = /\.(parquet|pq)$/i;
/** A name may end with how the file is compressed. */
const NAMED_JSON = /\.(ndjson|jsonl|json)(\.(?:gz|zst|bz2|zip))?$/i;

/**
 * The format of a file by its name and its first bytes; a file without the signature of its named format counts as
 * text. JSON is an array of objects, or an object on each line.
 */
export async function formatOf(file: string, name: string): Promise<Format> {
  const isNamedParquet = NAMED_PARQUET.test(name);
  if (!isNamedParquet && !NAMED_JSON.test(name)) return 'csv';
  const start = await startOf(file);
  if (isNamedParquet) return start.startsWith('PAR1') ? 'parquet' : 'csv';
  // The mark may be of UTF-8 or UTF-16, whose zeros do not count.
  const [bracket] = /^(?:ï»¿|ÿþ|þÿ)?\s*([{[])/.exec(start.replaceAll('\0', ''))?.slice(1) ?? [];
  if (bracket === '[' && /\.json/i.test(name)) return 'json-array';
  return start === '' || bracket !== undefined ? 'ndjson' : 'csv';
}

/** The first bytes of a file, decompressed. What cannot be opened or decompressed is reported by the scan. */
async function startOf(file: string): Promise<string> {
  try {
    return (await readStart(file, START_BYTES)).toString('latin1');
  } catch (error) {
    if (error instanceof ContractError || error instanceof UndecodableError) return '';
    throw error;
  }
}
