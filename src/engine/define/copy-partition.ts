import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TaskError } from './errors.ts';
import type { PartitionReader } from './partitions.ts';
import type { BlobInput } from './task.ts';
import { messageOf } from './thrown.ts';

/** One partition in the run's listing. */
export interface ListedPartition {
  readonly digest: string;
  /** Bytes that are stored already; a removed partition has no others. */
  readonly content?: BlobInput;
}

/** Copies a partition into the folder and returns the path; refuses bytes other than those of the run's listing. */
export async function copyPartition(
  reader: PartitionReader,
  copy: { readonly name: string; readonly listed: ListedPartition; readonly folder: string },
): Promise<string> {
  const { name, listed, folder } = copy;
  const to = path.join(folder, 'partition');
  if (listed.content !== undefined) {
    await copyFile(await listed.content.path(), to);
    return to;
  }
  const content = await readOrChanged(reader, name);
  const sha = createHash('sha256');
  const chunks = async function* () {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      sha.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(chunks()), createWriteStream(to)).catch((error: unknown) => {
    throw changed(reader, { name, came: messageOf(error), cause: error });
  });
  const digest = sha.digest('hex');
  if (digest !== listed.digest) throw changed(reader, { name, came: `digest ${digest} instead of ${listed.digest}` });
  return to;
}

async function readOrChanged(reader: PartitionReader, name: string): ReturnType<PartitionReader['read']> {
  try {
    return await reader.read(name);
  } catch (error) {
    throw changed(reader, { name, came: messageOf(error), cause: error });
  }
}

function changed(
  reader: PartitionReader,
  what: { readonly name: string; readonly came: string; readonly cause?: unknown },
): TaskError {
  return new TaskError(
    `Partition ${JSON.stringify(what.name)} of source ${reader.name} is not what this run had listed; it changed while it was read, or before: ${what.came}. The next run lists it again.`,
    { code: 'partition_changed', class: 'infrastructure', cause: what.cause },
  );
}
