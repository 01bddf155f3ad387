// <prefix><digest>  a blob, named by its content. Nothing of Weir relies on a listing but the removal of what is unused.

import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasErrorCode } from '../error-code.ts';
import { type Bucket, openBucket } from '../s3/bucket.ts';
import { fileContent, READ_ITSELF } from '../s3/file-content.ts';
import { toS3Address } from '../s3/s3-address.ts';
import type { S3Settings } from '../s3/s3-client.ts';
import { PART_BYTES, type UploadContent } from '../s3/upload-content.ts';
import { assertDigest, createMeter, DIGEST, missingError, verifiedStream } from './digest.ts';
import { assertRegularFile, toArtifactError } from './disk-errors.ts';
import type { ArtifactDriver, Blob, StoredBlob } from './driver.ts';
import { type FileCache, type FileCacheOptions, openFileCache } from './file-cache.ts';

export interface S3ArtifactsOptions {
  /** `s3://<bucket>/<prefix>` */
  readonly address: string;
  readonly settings: S3Settings;
  /** Where files are for programs that need a path, and what is being stored. */
  readonly cache: FileCacheOptions;
}

const FILE_MODE = 0o600;

/** Stores artifacts in a bucket. */
export async function s3Artifacts(
  { address, settings, cache }: S3ArtifactsOptions,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<ArtifactDriver> {
  try {
    const bucket = await openBucket(toS3Address(address), settings, { now });
    return new S3Artifacts({ address, bucket, cache: await openFileCache(cache, { now }) });
  } catch (cause) {
    throw toArtifactError(cause, `open the artifacts in ${address}`);
  }
}

class S3Artifacts implements ArtifactDriver {
  readonly name = 's3';
  readonly verifiesPaths = true;
  readonly #address: string;
  readonly #bucket: Bucket;
  readonly #cache: FileCache;

  constructor({ address, bucket, cache }: { address: string; bucket: Bucket; cache: FileCache }) {
    this.#address = address;
    this.#bucket = bucket;
    this.#cache = cache;
  }

  addressOf(digest: string): string {
    assertDigest(digest);
    return this.#bucket.addressOf(digest);
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Blob> {
    const temporary = this.#cache.temporaryFile();
    try {
      // A copy, because the caller may use its buffer again.
      if (content instanceof Uint8Array) return await this.#putBytes(Buffer.from(content));
      const bytes = await gather(content, temporary);
      if (bytes !== undefined) return await this.#putBytes(bytes);
      return await this.#putFile(temporary, { isKept: true });
    } catch (cause) {
      throw toArtifactError(cause, `store an artifact in ${this.#address}`);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async putFile(file: string): Promise<Blob> {
    try {
      const stats = await lstat(file);
      assertRegularFile(stats, file);
      // With another hard link or another owner the bytes could still change: then it becomes no local copy.
      const isKept = stats.nlink === 1 && stats.uid === (process.getuid?.() ?? stats.uid);
      const blob = await this.#putFile(file, { isKept });
      // Last: a crash before this leaves the original file in place, so nothing is ever lost.
      await rm(file, { force: true });
      return blob;
    } catch (cause) {
      throw toArtifactError(cause, `take over ${file} as an artifact`);
    }
  }

  async stat(digest: string): Promise<StoredBlob | undefined> {
    assertDigest(digest);
    const found = await this.#bucket.maybeStat(digest);
    return found && { digest, sizeBytes: found.sizeBytes, storedAt: found.modifiedAt };
  }

  async read(digest: string): Promise<Readable> {
    assertDigest(digest);
    const found = await this.#bucket.maybeRead(digest);
    if (found === undefined) throw missingError(digest);
    return verifiedStream(found.stream, digest);
  }

  async localPath(digest: string): Promise<string> {
    assertDigest(digest);
    // What was removed from the bucket must not seem to be there because a copy of it is.
    if ((await this.stat(digest)) === undefined) throw missingError(digest);
    return this.#cache.hold(digest, async (file) => {
      const handle = await open(file, 'wx', FILE_MODE);
      await pipeline(await this.read(digest), handle.createWriteStream());
    });
  }

  releasePath(file: string): Promise<void> {
    return this.#cache.release(file);
  }

  async delete(digest: string): Promise<void> {
    assertDigest(digest);
    await this.#bucket.remove(digest);
    await this.#cache.forget(digest);
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for await (const { key, sizeBytes, modifiedAt } of this.#bucket.list())
      if (DIGEST.test(key)) yield { digest: key, sizeBytes, storedAt: modifiedAt };
  }

  async #putBytes(bytes: Uint8Array): Promise<Blob> {
    const blob = await measure([bytes]);
    await this.#store(blob.digest, { sizeBytes: bytes.byteLength, read: async (from, to) => bytes.subarray(from, to) });
    return blob;
  }

  /** Stores a file, which may become the local copy. */
  async #putFile(file: string, { isKept }: { readonly isKept: boolean }): Promise<Blob> {
    const handle = await open(file, READ_ITSELF);
    let blob: Blob;
    try {
      const content = await fileContent(handle);
      blob = await measure(handle.createReadStream({ autoClose: false, start: 0 }));
      await content.assertUnchanged();
      await this.#store(blob.digest, content);
    } finally {
      await handle.close();
    }
    // From another file system it cannot be moved, and no copy is needed.
    if (isKept) await this.#cache.keep(file, blob.digest).catch(unlessElsewhere);
    return blob;
  }

  async #store(digest: string, bytes: UploadContent): Promise<void> {
    const content = { ...bytes, sha256: digest };
    const isLarge = content.sizeBytes > PART_BYTES;
    // To send a small one costs no more than to ask.
    const found = isLarge ? await this.#bucket.maybeStat(digest) : undefined;
    if (found === undefined && (await this.#bucket.create(digest, content))) return;
    // It is there, and this put counts as its last one. A small one is written again, which heals it if it is damaged; so
    // is one of another size.
    const isWhole = found === undefined || found.sizeBytes === content.sizeBytes;
    if (isLarge && isWhole && (await this.#bucket.touch(digest, content.sizeBytes))) return;
    await this.#bucket.write(digest, content);
  }
}

async function measure(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Blob> {
  const meter = createMeter();
  for await (const _ of meter.pass(content)) {
    // Only the digest is needed.
  }
  return meter.blob();
}

/**
 * Reads content to its end: into memory what fits into one request, else into a file, because the name of content is
 * known at its end, and a part may have to be sent again.
 */
async function gather(content: AsyncIterable<Uint8Array>, file: string): Promise<Uint8Array | undefined> {
  let handle: FileHandle | undefined;
  let chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of content) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes <= PART_BYTES) {
        chunks.push(Buffer.from(chunk));
        continue;
      }
      handle ??= await open(file, 'wx', FILE_MODE);
      for (const each of chunks) await handle.writeFile(each);
      chunks = [];
      await handle.writeFile(chunk);
    }
  } finally {
    await handle?.close();
  }
  return handle === undefined ? Buffer.concat(chunks) : undefined;
}

function unlessElsewhere(error: unknown): void {
  if (!hasErrorCode(error, 'EXDEV')) throw error;
}
