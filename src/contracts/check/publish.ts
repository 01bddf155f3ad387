import { lstatSync, renameSync, unlinkSync } from 'node:fs';
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
 * There is no fsync here: what must survive a loss of power goes into an artifact store, which does that. Nothing is left to
 * the threads of the disk: to wake one takes five times as long as to rename a file, and a small check would wait three times.
 */
export async function publish(
  parts: CheckOutcome['files'],
  { work, folder, result }: { readonly work: string; readonly folder: string; readonly result: CheckResult },
): Promise<CheckOutcome['files']> {
  removeOld(path.join(folder, RESULT));
  const published: Record<string, string> = {};
  for (const [part, name] of Object.entries(NAMES)) {
    const from = parts[part as keyof typeof NAMES]; // The entries have the keys of NAMES.
    const to = path.join(folder, name);
    if (from === undefined) removeOld(to);
    else {
      renameSync(from, to);
      published[part] = to;
    }
  }
  const writer = new ByteWriter(path.join(work, RESULT));
  writer.appendText(`${JSON.stringify(result, undefined, 2)}\n`);
  await writer.close();
  renameSync(path.join(work, RESULT), path.join(folder, RESULT));
  return published;
}

/** Removes what an earlier check left under a name; mostly there is nothing, which is found out without an error. */
function removeOld(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  try {
    unlinkSync(file);
  } catch (error) {
    // Another check of the folder may have removed it.
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}
