import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

export type Format = 'csv' | 'parquet' | 'ndjson';

const START_BYTES = 64;

/**
 * The format of a file by its name and its first bytes; a file without the signature of its named format counts as
 * text.
 */
export async function formatOf(file: string, name: string): Promise<Format> {
  const isNamedParquet = /\.(parquet|pq)$/i.test(name);
  const isNamedNdjson = /\.(ndjson|jsonl)(\.gz)?$/i.test(name);
  if (!isNamedParquet && !isNamedNdjson) return 'csv';
  const start = await startOf(file);
  if (isNamedParquet) return start.startsWith('PAR1') ? 'parquet' : 'csv';
  const isCompressed = start.startsWith('\x1f\x8b');
  // The mark may be of UTF-8 or UTF-16, whose zeros do not count.
  const isJson = /^(ï»¿|ÿþ|þÿ)?\s*[{[]/.test(start.replaceAll('\0', ''));
  return isCompressed || start === '' || isJson ? 'ndjson' : 'csv';
}

async function startOf(file: string): Promise<string> {
  // Without the flag, opening a FIFO would block until it has a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  // The scan reports a file that cannot be opened.
  if (handle === undefined) return '';
  try {
    if (!(await handle.stat()).isFile()) return '';
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
