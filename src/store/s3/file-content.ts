import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StoreError } from '../errors.ts';
import { writtenIdentity } from '../files/file-identity.ts';
import type { Bucket } from './bucket.ts';
import type { UploadContent } from './upload-content.ts';

/** Reads a file, and refuses to follow a link at its path. */
export const READ_ITSELF: number = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

interface FileUpload {
  readonly key: string;
  /** A finished local file. */
  readonly file: string;
}

/** Creates an object from a file; false when there is one. */
export function createFromFile(bucket: Bucket, { key, file }: FileUpload): Promise<boolean> {
  return withContent(file, (content) => bucket.create(key, content));
}

/** Writes an object from a file, also over an existing one. */
export function writeFromFile(bucket: Bucket, { key, file }: FileUpload): Promise<void> {
  return withContent(file, (content) => bucket.write(key, content));
}

async function withContent<T>(file: string, work: (content: UploadContent) => Promise<T>): Promise<T> {
  const handle = await open(file, READ_ITSELF);
  try {
    return await work(await fileContent(handle));
  } finally {
    await handle.close();
  }
}

/** The bytes of a file that nobody writes to. */
export async function fileContent(
  handle: FileHandle,
): Promise<UploadContent & Required<Pick<UploadContent, 'assertUnchanged'>>> {
  const before = await handle.stat({ bigint: true });
  return {
    sizeBytes: Number(before.size),
    read: async (from, to) => {
      const bytes = Buffer.allocUnsafe(to - from);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, from + at);
        if (bytesRead === 0) throw changedError();
        at += bytesRead;
      }
      return bytes;
    },
    assertUnchanged: async () => {
      if (writtenIdentity(before) !== writtenIdentity(await handle.stat({ bigint: true }))) throw changedError();
    },
  };
}

function changedError(): StoreError {
  return new StoreError('artifact_refused', 'Expected a finished file, but it was written to while it was read.');
}
