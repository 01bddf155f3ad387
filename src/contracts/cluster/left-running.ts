import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, interruptSpark, type SparkSettings, type SparkWork, stateOfTag } from '#store';
import { namesIn, ownerOfWork } from '../check/work-folder.ts';

const NAME = 'spark-work.json';

/** Notes in the folder of unfinished work what runs for it at the server. */
export async function noteRunning(work: string, running: SparkWork): Promise<void> {
  await writeFile(path.join(work, NAME), JSON.stringify(running));
}

/** Ends what processes that are gone left running for this folder: a cluster goes on with what nobody waits for. */
export async function interruptLeftRunning(folder: string, settings: SparkSettings): Promise<number> {
  let ended = 0;
  for (const name of await namesIn(folder)) {
    const owner = ownerOfWork(name);
    if (owner === undefined || (await stateOfTag(owner)) !== 'ended') continue;
    const running = await maybeRunning(path.join(folder, name));
    if (running !== undefined) ended += (await interruptSpark(settings, running)).length;
  }
  return ended;
}

/** Undefined where no statement was run for the work, or it was ended while it was noted. */
async function maybeRunning(work: string): Promise<SparkWork | undefined> {
  try {
    // It was written by `noteRunning`.
    return JSON.parse(await readFile(path.join(work, NAME), 'utf8')) as SparkWork;
  } catch (error) {
    if (error instanceof SyntaxError || hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
