import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CheckResult } from '../check-result.ts';
import type { CheckOutcome } from './check-file.ts';

const NAMES = { good: 'good.csv', bad: 'bad.csv', rejected: 'rejected.jsonl' } as const;
const RESULT = 'check.json';

/**
 * Moves finished parts out of the work folder; what an earlier check left under these names is replaced or removed. The
 * result goes first when it is old and comes last when it is new, so that a killed check never looks like a finished one.
 */
export async function publish(
  parts: CheckOutcome['files'],
  { work, folder, result }: { readonly work: string; readonly folder: string; readonly result: CheckResult },
): Promise<CheckOutcome['files']> {
  await rm(path.join(folder, RESULT), { force: true });
  const published: Record<string, string> = {};
  for (const [part, name] of Object.entries(NAMES)) {
    const from = parts[part as keyof typeof NAMES]; // The entries are those of NAMES.
    const to = path.join(folder, name);
    if (from === undefined) await rm(to, { force: true });
    else {
      await sync(from);
      await rename(from, to);
      published[part] = to;
    }
  }
  await writeResult(path.join(work, RESULT), result);
  await rename(path.join(work, RESULT), path.join(folder, RESULT));
  return published;
}

async function writeResult(file: string, result: CheckResult): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(`${JSON.stringify(result, undefined, 2)}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** A name must not outlive its bytes when the power goes. */
async function sync(file: string): Promise<void> {
  const handle = await open(file);
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
