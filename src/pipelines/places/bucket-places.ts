import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileReceipt } from '#engine';
import { type Bucket, type BucketObject, createFromFile, ownProcessTag, writeFromFile } from '#store';
import type { FileContent, NoContent } from '../data-files.ts';
import { PipelineError } from '../errors.ts';
import { type DataPlaces, type IngestedBytes, placeIn, type SeenFile } from './data-places.ts';
import { assertFileName, namesLike, type ReceivedFile, removeUnfinished, unfinishedName } from './receive-file.ts';

/** A data folder in a bucket. */
export interface BucketFolder {
  /** `s3://<bucket>/<prefix>` without a slash at its end. */
  readonly address: string;
  /** What is below it. */
  readonly bucket: Bucket;
}

/** So many files are looked at, by name: those that are ingested make room for the others. */
const LISTED_MAX = 10_000;
/** How many objects are remembered with their digest, so that they need not be read again. */
const CONTENTS_MAX = 10_000;

/**
 * Data folders in buckets. The identity of a file is its etag: an object appears whole, and another etag is other content.
 * `scratch` is a local folder for files on their way.
 */
export function bucketPlaces(folders: readonly BucketFolder[], scratch: string): DataPlaces {
  return new BucketPlaces(folders, scratch);
}

interface Found {
  readonly bucket: Bucket;
  /** Below the address of the data folder. */
  readonly key: string;
}

class BucketPlaces implements DataPlaces {
  readonly #folders: readonly BucketFolder[];
  readonly #scratch: string;
  /** Address and etag to what was read of it. */
  readonly #contents = new Map<string, FileContent>();

  constructor(folders: readonly BucketFolder[], scratch: string) {
    this.#folders = folders;
    this.#scratch = scratch;
  }

  async names(folder: string): Promise<readonly string[]> {
    return (await this.look(folder)).map(({ name }) => name);
  }

  async look(folder: string): Promise<readonly SeenFile[]> {
    const { bucket, key } = this.#find(folder);
    const prefix = key === '' ? '' : `${key}/`;
    const seen: SeenFile[] = [];
    for await (const object of bucket.list({ prefix, isFlat: true })) {
      const file = maybeSeen(object, object.key.slice(prefix.length));
      if (file !== undefined) seen.push(file);
      if (seen.length === LISTED_MAX) break;
    }
    return seen;
  }

  async lookAt(file: string): Promise<SeenFile | undefined> {
    const { bucket, key } = this.#find(file);
    const found = await bucket.maybeStat(key);
    return found && maybeSeen(found, path.posix.basename(key));
  }

  async read(file: string, { copyTo }: { readonly copyTo?: string } = {}): Promise<FileContent | NoContent> {
    const { bucket, key } = this.#find(file);
    const seen = await bucket.maybeStat(key);
    if (seen === undefined) return 'missing';
    const state = `${file}\n${seen.etag}`;
    const known = this.#contents.get(state);
    if (known !== undefined && copyTo === undefined) return known;
    const found = await bucket.maybeRead(key, { etag: seen.etag });
    if (found === undefined) return 'changing';
    const digest = await hash(found.stream, copyTo);
    const content = { digest, sizeBytes: seen.sizeBytes, identity: seen.etag, isSettled: true };
    const [oldest] = this.#contents.size >= CONTENTS_MAX ? this.#contents.keys() : [];
    if (oldest !== undefined) this.#contents.delete(oldest);
    this.#contents.set(state, content);
    return content;
  }

  async open(file: string): Promise<Readable> {
    const { bucket, key } = this.#find(file);
    const found = await bucket.maybeRead(key);
    if (found !== undefined) return found.stream;
    throw new PipelineError('file_unselectable', `Expected a file at ${file}; it was removed.`);
  }

  async receive({ folder, name: wanted, content }: Parameters<DataPlaces['receive']>[0]): Promise<ReceivedFile> {
    assertFileName(wanted);
    await mkdir(this.#scratch, { recursive: true });
    await removeUnfinished(this.#scratch);
    const unfinished = path.join(this.#scratch, unfinishedName(await ownProcessTag(), randomBytes(4)));
    try {
      await pipeline(content, createWriteStream(unfinished, { flags: 'wx' }));
      const { size: sizeBytes } = await stat(unfinished);
      for (const file of namesLike(wanted, folder)) {
        const { bucket, key } = this.#find(placeIn(folder, file));
        // Asking first costs less than to send all of it to hear that the name is taken.
        const isTaken = (await bucket.maybeStat(key)) !== undefined;
        if (!isTaken && (await createFromFile(bucket, { key, file: unfinished }))) return { file, wanted, sizeBytes };
      }
    } finally {
      await rm(unfinished, { force: true });
    }
    // The names end with an error.
    throw new PipelineError('file_name_unfit', `No name like ${wanted} is free in ${folder}.`);
  }

  async place({ from, to }: Parameters<DataPlaces['place']>[0]): Promise<FileReceipt> {
    const { bucket, key } = this.#find(to);
    // A private file or an artifact, which others may hold and release meanwhile: that moves its ctime, and no byte.
    const [digest, { size: sizeBytes }] = [await hash(createReadStream(from), undefined), await stat(from)];
    if (!(await createFromFile(bucket, { key, file: from }))) {
      // An earlier attempt wrote it; with another contract it made other bytes of the same arrival.
      const there = await this.read(to);
      if (typeof there === 'string' || there.digest !== digest) await writeFromFile(bucket, { key, file: from });
    }
    return { kind: 'file', path: to, digest, sizeBytes };
  }

  async makeRoom(places: readonly string[], wanted: ReadonlySet<string>): Promise<void> {
    for (const place of places) {
      const { bucket, key } = this.#find(place);
      if (!wanted.has(place)) await bucket.remove(key);
    }
  }

  async remove(folder: string, { file, digest }: IngestedBytes): Promise<void> {
    const place = placeIn(folder, file);
    const content = await this.read(place);
    // Other bytes under the name are new data.
    if (typeof content === 'string' || content.digest !== digest) return;
    const { bucket, key } = this.#find(place);
    await bucket.remove(key, { etag: content.identity });
  }

  #find(address: string): Found {
    // Of two that contain it, the inner one.
    const [folder] = this.#folders
      .filter((each) => `${address}/`.startsWith(`${each.address}/`))
      .sort((a, b) => b.address.length - a.address.length);
    if (folder !== undefined) return { bucket: folder.bucket, key: address.slice(folder.address.length + 1) };
    throw new PipelineError('file_unselectable', `Expected a file of a data folder; ${address} is in none of them.`);
  }
}

async function hash(content: Readable, copyTo: string | undefined): Promise<string> {
  const digest = createHash('sha256');
  const hashed = async function* (blocks: AsyncIterable<Buffer>) {
    for await (const block of blocks) {
      digest.update(block);
      yield block;
    }
  };
  if (copyTo !== undefined) await pipeline(content, hashed, createWriteStream(copyTo));
  else for await (const block of content) digest.update(block);
  return digest.digest('hex');
}

/** Objects that some programs make for folders, and hidden names, are no data. */
function maybeSeen({ etag, sizeBytes, modifiedAt }: BucketObject, name: string): SeenFile | undefined {
  if (name === '' || name.startsWith('.') || name.includes('/')) return undefined;
  return { name, identity: etag, sizeBytes, changedAtMs: 0, modifiedAtMs: modifiedAt.getTime() };
}
