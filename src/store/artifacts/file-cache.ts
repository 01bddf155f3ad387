// <folder>/ab/<digest>          content, read-only, named by its digest; last used at its ctime
// <folder>/held/<process>       another name of such a file, for who was given its path: it stays when the file is evicted
// <folder>/temporary/<process>  what is being written

import { createReadStream } from 'node:fs';
import { chmod, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hasErrorCode } from '../error-code.ts';
import { isStoreError } from '../errors.ts';
import { DIGEST, verifiedStream } from './digest.ts';
import { realDisk } from './disk.ts';
import { collectLeftovers, temporaryNames } from './leftovers.ts';

export interface FileCacheOptions {
  /** Absolute; several processes may share it. */
  readonly folder: string;
  /** Files that were used longest ago are removed beyond. Each process may be a tenth beyond for a while. */
  readonly sizeBytesMax: number;
}

/** Content of a store elsewhere as local files, for programs that need a path. */
export interface FileCache {
  /** A name for a file to write, which `keep` takes over. */
  temporaryFile(): string;
  /** Takes over a finished file whose digest is known. */
  keep(file: string, digest: string): Promise<void>;
  /** A path to the content, which `write` makes when it is not here. It stays until it is released, or a day long. */
  hold(digest: string, write: (file: string) => Promise<void>): Promise<string>;
  release(file: string): Promise<void>;
  forget(digest: string): Promise<void>;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o400;
const FAN_OUT = /^[0-9a-f]{2}$/;
/** How much comes in before the files are counted again, and to how much they are reduced: shares of the most. */
const [COUNTED_AFTER, REDUCED_TO] = [0.1, 0.9];
/** How many digests are remembered as compared with their file. */
const VERIFIED_MAX = 100_000;
/** For paths that are never released: no work with one takes longer. */
const HELD_MS_MAX = 24 * 60 * 60 * 1000;

export async function openFileCache(
  { folder, sizeBytesMax }: FileCacheOptions,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<FileCache> {
  const [held, temporary] = [path.join(folder, 'held'), path.join(folder, 'temporary')];
  for (const each of [held, temporary]) {
    await mkdir(each, { recursive: true, mode: FOLDER_MODE });
    await collectLeftovers(each, { disk: realDisk, now: now() });
  }
  const names = { held: await temporaryNames(held), temporary: await temporaryNames(temporary) };
  return new DigestNamedFiles({ folder, sizeBytesMax, names, now });
}

interface DigestNamedFilesOptions extends FileCacheOptions {
  readonly names: { readonly held: () => string; readonly temporary: () => string };
  readonly now: () => number;
}

class DigestNamedFiles implements FileCache {
  readonly #options: DigestNamedFilesOptions;
  /** Downloads in progress: who asks for the same content waits for it. */
  readonly #coming = new Map<string, Promise<void>>();
  readonly #verified = new Set<string>();
  /** Paths that were given out, oldest first. */
  readonly #held = new Map<string, number>();
  #sinceCount = Number.POSITIVE_INFINITY;

  constructor(options: DigestNamedFilesOptions) {
    this.#options = options;
  }

  temporaryFile(): string {
    return this.#options.names.temporary();
  }

  async keep(file: string, digest: string): Promise<void> {
    const { sizeBytesMax } = this.#options;
    const place = this.#placeOf(digest);
    const { size } = await lstat(file);
    await chmod(file, FILE_MODE);
    await mkdir(path.dirname(place), { recursive: true, mode: FOLDER_MODE });
    await rename(file, place);
    this.#remember(digest);
    this.#sinceCount += size;
    if (this.#sinceCount >= sizeBytesMax * COUNTED_AFTER) await this.#evict(digest);
  }

  async hold(digest: string, write: (file: string) => Promise<void>): Promise<string> {
    await this.#releaseOld();
    for (;;) {
      await this.#verify(digest);
      const file = await this.#maybeHold(digest);
      if (file !== undefined) return file;
      // Evicted before it was held by a flood of other content: it is fetched again.
      await this.#fetch(digest, write);
    }
  }

  async release(file: string): Promise<void> {
    if (this.#held.delete(file)) await rm(file, { force: true });
  }

  async forget(digest: string): Promise<void> {
    this.#verified.delete(digest);
    await rm(this.#placeOf(digest), { force: true });
  }

  #placeOf(digest: string): string {
    return path.join(this.#options.folder, digest.slice(0, 2), digest);
  }

  async #maybeHold(digest: string): Promise<string | undefined> {
    const { names, now } = this.#options;
    const [place, file] = [this.#placeOf(digest), names.held()];
    try {
      await link(place, file);
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    this.#held.set(file, now());
    // A link moves the ctime, which so tells the last use. The mtime stays: others may be reading the file just now, and
    // would take another one for a change of its bytes.
    return file;
  }

  async #releaseOld(): Promise<void> {
    for (const [file, heldAt] of this.#held) {
      if (this.#options.now() - heldAt < HELD_MS_MAX) return;
      await this.release(file);
    }
  }

  async #fetch(digest: string, write: (file: string) => Promise<void>): Promise<void> {
    const coming = this.#coming.get(digest);
    if (coming !== undefined) return coming;
    const temporary = this.temporaryFile();
    const work = (async () => {
      try {
        await write(temporary);
        await this.keep(temporary, digest);
      } finally {
        await rm(temporary, { force: true });
      }
    })();
    this.#coming.set(digest, work);
    try {
      await work;
    } finally {
      this.#coming.delete(digest);
    }
  }

  /** Compares a file of another process, or of an earlier one, with its digest once; a damaged one is removed. */
  async #verify(digest: string): Promise<void> {
    if (this.#verified.has(digest)) return;
    const place = this.#placeOf(digest);
    try {
      await pipeline(verifiedStream(createReadStream(place), digest), async (content) => {
        for await (const _ of content) {
          // Reading to the end verifies.
        }
      });
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return;
      if (!isStoreError(error, 'artifact_damaged')) throw error;
      await rm(place, { force: true });
      return;
    }
    this.#remember(digest);
  }

  #remember(digest: string): void {
    const [oldest] = this.#verified.size >= VERIFIED_MAX ? this.#verified : [];
    if (oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.add(digest);
  }

  /** Removes what was used longest ago; what was just kept stays, however large. */
  async #evict(kept: string): Promise<void> {
    this.#sinceCount = 0;
    const files = await this.#files();
    const most = this.#options.sizeBytesMax;
    let size = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (size <= most) return;
    for (const { file, sizeBytes } of files.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
      if (size <= most * REDUCED_TO) return;
      if (path.basename(file) === kept) continue;
      await rm(file, { force: true });
      size -= sizeBytes;
    }
  }

  async #files(): Promise<{ readonly file: string; readonly sizeBytes: number; readonly usedAtMs: number }[]> {
    const { folder } = this.#options;
    const files = [];
    for (const fan of (await readdir(folder)).filter((name) => FAN_OUT.test(name)))
      for (const name of (await readdir(path.join(folder, fan))).filter((each) => DIGEST.test(each))) {
        const file = path.join(folder, fan, name);
        // Another process may have evicted it.
        const stats = await lstat(file).catch(() => undefined);
        if (stats !== undefined) files.push({ file, sizeBytes: stats.size, usedAtMs: stats.ctimeMs });
      }
    return files;
  }
}
