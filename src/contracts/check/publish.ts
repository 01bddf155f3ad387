import { rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '#store';
import type { CheckResult } from '../check-result.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import type { CheckOutcome } from './check-outcome.ts';

const NAMES = { good: 'good.csv', bad: 'bad.csv', rejected: 'rejected.jsonl', lines: 'good-lines' } as const;
const RESULT = 'check.json';

/**
 * Moves finished parts out of the work folder; what an earlier check left under these names is replaced or removed. The
 * old result is removed first and the new one is written last, so that a killed check never looks like a finished one.
 * There is no fsync here: what must survive a loss of power goes into an artifact store, which does that.
 */
export async function publish(
  parts: CheckOutcome['files'],
  { work, folder, result }: { readonly work: string; readonly folder: string; readonly result: CheckResult },
): Promise<CheckOutcome['files']> {
  await removeOld(path.join(folder, RESULT));
  const published: Record<string, string> = {};
  // All at once: their order does not matter while there is no result, and each takes a while to be scheduled.
  await Promise.all(
    Object.entries(NAMES).map(async ([part, name]) => {
      const from = parts[part as keyof typeof NAMES]; // The entries have the keys of NAMES.
      const to = path.join(folder, name);
      if (from === undefined) return removeOld(to);
      published[part] = to;
      return rename(from, to);
    }),
  );
  const writer = new ByteWriter(path.join(work, RESULT));
  writer.appendText(`${JSON.stringify(result, undefined, 2)}\n`);
  await writer.close();
  await rename(path.join(work, RESULT), path.join(folder, RESULT));
  return published;
}

/** Removes what an earlier check left under a name; mostly there is nothing, and one operation of the disk finds that out. */
async function removeOld(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  });
}
