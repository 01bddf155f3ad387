import { link, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '#store';
import { maybeLookAt, nameWith, readStable } from '../data-files.ts';
import type { IngestedBytes } from './data-places.ts';

/**
 * Removes the raw file of an ingested arrival, unless its name has other bytes now.
 * Repeatable: the file is first renamed to a hidden name, and a crash at any point is finished by the next call.
 */
export async function removeRawFile(folder: string, arrival: IngestedBytes): Promise<void> {
  const original = path.join(folder, arrival.file);
  const aside = path.join(folder, `.${arrival.id}.removing`);
  await removeOrPutBack({ aside, original, arrival });
  await rename(original, aside).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  });
  await removeOrPutBack({ aside, original, arrival });
}

async function removeOrPutBack(options: {
  readonly aside: string;
  readonly original: string;
  readonly arrival: IngestedBytes;
}): Promise<void> {
  const { aside, original, arrival } = options;
  const content = await readStable(aside);
  if (content === 'missing') return;
  const isIngested = typeof content === 'object' && content.digest === arrival.digest;
  if (!isIngested) await putBack(aside, original, arrival);
  await unlink(aside);
}

/** `link` never overwrites: when the name is taken again, the bytes are restored under a free one. */
async function putBack(aside: string, original: string, arrival: IngestedBytes): Promise<void> {
  for (let spare = 0; ; spare += 1) {
    const name = spare === 0 ? arrival.file : nameWith(arrival.file, `${arrival.id}-newer-${spare}`);
    const place = path.join(path.dirname(original), name);
    try {
      await link(aside, place);
      return;
    } catch (error) {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
      // A crash happened between this link and the removal of the other name.
      const [there, here] = [await maybeLookAt(place), await maybeLookAt(aside)];
      if (there !== undefined && there.identity === here?.identity) return;
    }
  }
}
