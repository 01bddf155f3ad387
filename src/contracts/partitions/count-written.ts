import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const LF = 10;
const QUOTE = 34;
const READ_BYTES = 1 << 20;

/** Reads a file that a check wrote: how many records it has, each ended by a line end outside quotes, and its digest. */
export async function countWritten(
  file: string,
  { isQuoted }: { readonly isQuoted: boolean },
): Promise<{ readonly records: number; readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  let [records, sizeBytes, isOpen] = [0, 0, false];
  for await (const block of createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    hash.update(block);
    sizeBytes += block.length;
    if (!isOpen && (!isQuoted || block.indexOf(QUOTE) < 0)) records += lineEndsIn(block);
    else
      for (const byte of block) {
        if (byte === QUOTE) isOpen = !isOpen;
        else if (byte === LF && !isOpen) records++;
      }
  }
  return { records, digest: hash.digest('hex'), sizeBytes };
}

function lineEndsIn(block: Buffer): number {
  let count = 0;
  for (let at = 0; at < block.length; at++) if (block[at] === LF) count++;
  return count;
}
