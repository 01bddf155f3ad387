// <folder>/ab/cd/<digest>       a blob, read-only, named by its content
// <folder>/temporary/<process>  what is being written, or was when its process died

import { constants } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { hasErrorCode } from '../error-code.ts';
import { StoreError } from '../errors.ts';
import { renameDurably, syncFolder } from '../files/atomic-write.ts';
import { writtenIdentity } from '../files/file-identity.ts';
import { assertDigest, createMeter, DIGEST, missingError, verifiedStream } from './digest.ts';
import { type Disk, realDisk } from './disk.ts';
import { assertRegularFile, toArtifactError } from './disk-errors.ts';
import type { ArtifactDriver, Blob, StoredBlob } from './driver.ts';
import { collectLeftovers, temporaryNames } from './leftovers.ts';

/** Read-only, and only for this user: artifacts may hold personal data. */
const BLOB_MODE = 0o400;
const FOLDER_MODE = 0o700;
const FAN_OUT = /^[0-9a-f]{2}$/;
/** Reads a file, and refuses to follow a link at its path. */
const READ_ITSELF = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Stores artifacts as files below a folder, and removes partial files of dead processes. */
export async function fsArtifacts(
  options: { readonly folder: string },
  { disk = realDisk, now = Date.now }: { readonly disk?: Disk; readonly now?: () => number } = {},
): Promise<ArtifactDriver> {
  const folder = path.resolve(options.folder);
  const temporary = path.join(folder, 'temporary');
  try {
    await createDurably(folder, disk);
    await disk.mkdir(temporary, { recursive: true, mode: FOLDER_MODE });
    await collectLeftovers(temporary, { disk, now: now() });
    return new FileArtifacts({ folder, disk, nextTemporary: await temporaryNames(temporary) });
  } catch (cause) {
    throw toArtifactError(cause, `open the artifacts in ${folder}`);
  }
}

// A file is only as durable as the names of its folder and of the parents that were created with it.
async function createDurably(folder: string, disk: Disk): Promise<void> {
  const first = (await disk.mkdir(folder, { recursive: true, mode: FOLDER_MODE })) ?? folder;
  for (let at = folder; at.startsWith(first); at = path.dirname(at)) await syncFolder(path.dirname(at), disk);
}

interface FileArtifactsOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly nextTemporary: () => string;
}

class FileArtifacts implements ArtifactDriver {
  readonly name = 'fs';
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #nextTemporary: () => string;
  /** Folders whose own names are known to be on disk. */
  readonly #settled = new Set<string>();

  constructor({ folder, disk, nextTemporary }: FileArtifactsOptions) {
    this.#folder = folder;
    this.#disk = disk;
    this.#nextTemporary = nextTemporary;
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Blob> {
    return this.#withTemporary(`store an artifact in ${this.#folder}`, async (temporary) => {
      const blob = await this.#write(temporary, content instanceof Uint8Array ? once(content) : content);
      await this.#publish(temporary, blob.digest);
      return blob;
    });
  }

  async putFile(file: string): Promise<Blob> {
    return this.#withTemporary(`take over ${file} as an artifact`, async (temporary) => {
      const stats = await this.#disk.lstat(file);
      assertRegularFile(stats, file);
      // With another hard link or another owner the bytes could still change: then a copy is made.
      const isOurs = stats.nlink === 1 && stats.uid === (process.getuid?.() ?? stats.uid);
      const isLinked = isOurs && (await this.#maybeLink(file, temporary));
      const blob = isLinked ? await this.#measure(temporary) : await this.#copy(file, temporary);
      // It may have been written long ago; what counts is the time of the put.
      if (isLinked) await this.#disk.utimes(temporary, new Date(), new Date());
      await this.#publish(temporary, blob.digest);
      // Last: a crash before this leaves the original file in place, so nothing is ever lost.
      await this.#disk.rm(file);
      return blob;
    });
  }

  async stat(digest: string): Promise<StoredBlob | undefined> {
    const file = this.#fileOf(digest);
    try {
      const stats = await this.#disk.lstat(file);
      // A link or folder at a blob's path is no blob; the next put of the content replaces a link.
      return stats.isFile() ? { digest, sizeBytes: stats.size, storedAt: stats.mtime } : undefined;
    } catch (cause) {
      if (hasErrorCode(cause, 'ENOENT')) return undefined;
      throw toArtifactError(cause, `look for artifact ${digest}`);
    }
  }

  /** A stream that ends without an error has delivered content that matches the digest. */
  async read(digest: string): Promise<Readable> {
    try {
      const handle = await this.#disk.open(this.#fileOf(digest), READ_ITSELF);
      return verifiedStream(handle.createReadStream(), digest);
    } catch (cause) {
      throw hasErrorCode(cause, 'ENOENT') ? missingError(digest) : toArtifactError(cause, `read artifact ${digest}`);
    }
  }

  async localPath(digest: string): Promise<string> {
    if ((await this.stat(digest)) === undefined) throw missingError(digest);
    return this.#fileOf(digest);
  }

  async delete(digest: string): Promise<void> {
    const file = this.#fileOf(digest);
    try {
      await this.#disk.rm(file, { force: true });
    } catch (cause) {
      throw toArtifactError(cause, `delete artifact ${digest}`);
    }
  }

  async *list(): AsyncGenerator<StoredBlob> {
    for (const first of await this.#names(this.#folder, FAN_OUT)) {
      for (const second of await this.#names(path.join(this.#folder, first), FAN_OUT)) {
        for (const name of await this.#names(path.join(this.#folder, first, second), DIGEST)) {
          const blob = await this.stat(name);
          if (blob !== undefined) yield blob;
        }
      }
    }
  }

  #fileOf(digest: string): string {
    assertDigest(digest);
    return path.join(this.#folder, digest.slice(0, 2), digest.slice(2, 4), digest);
  }

  async #withTemporary(doing: string, work: (temporary: string) => Promise<Blob>): Promise<Blob> {
    const temporary = this.#nextTemporary();
    try {
      return await work(temporary);
    } catch (cause) {
      // An error of the removal adds nothing to the first error; the next start removes what stays.
      await this.#disk.rm(temporary, { force: true }).catch(() => {});
      throw toArtifactError(cause, doing);
    }
  }

  async #write(temporary: string, content: AsyncIterable<Uint8Array>): Promise<Blob> {
    const meter = createMeter();
    const handle = await this.#disk.open(temporary, 'wx', 0o600);
    try {
      for await (const chunk of meter.pass(content)) await handle.writeFile(chunk);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return meter.blob();
  }

  async #copy(file: string, temporary: string): Promise<Blob> {
    const source = await this.#disk.open(file, READ_ITSELF);
    try {
      return await this.#write(temporary, source.createReadStream({ autoClose: false }));
    } finally {
      await source.close();
    }
  }

  // Whatever the reason (another filesystem, one without hard links), copying works, or its error names the problem.
  async #maybeLink(file: string, temporary: string): Promise<boolean> {
    return this.#disk.link(file, temporary).then(
      () => true,
      () => false,
    );
  }

  async #measure(file: string): Promise<Blob> {
    const handle = await this.#disk.open(file, READ_ITSELF);
    try {
      const before = await handle.stat({ bigint: true });
      const meter = createMeter();
      for await (const _ of meter.pass(handle.createReadStream({ autoClose: false }))) {
        // Only the digest is needed.
      }
      await handle.datasync();
      const after = await handle.stat({ bigint: true });
      if (writtenIdentity(before) !== writtenIdentity(after)) {
        throw new StoreError('artifact_refused', 'Expected a finished file, but it was written to while it was read.');
      }
      return meter.blob();
    } finally {
      await handle.close();
    }
  }

  /**
   * Renames a finished temporary file to its final name. It replaces an existing file, so a new put repairs a damaged
   * blob.
   */
  async #publish(temporary: string, digest: string): Promise<void> {
    const file = this.#fileOf(digest);
    const folder = path.dirname(file);
    await this.#settle(folder);
    await this.#disk.chmod(temporary, BLOB_MODE);
    try {
      await renameDurably(temporary, file, this.#disk);
    } catch (error) {
      // The folder may have been removed.
      this.#settled.delete(folder);
      throw error;
    }
  }

  // A folder that another process just created may not be durable yet, so each process syncs it once.
  async #settle(folder: string): Promise<void> {
    if (this.#settled.has(folder)) return;
    await this.#disk.mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await syncFolder(path.dirname(folder), this.#disk);
    await syncFolder(this.#folder, this.#disk);
    this.#settled.add(folder);
  }

  async #names(folder: string, pattern: RegExp): Promise<readonly string[]> {
    try {
      return (await this.#disk.readdir(folder)).filter((name) => pattern.test(name)).sort();
    } catch (cause) {
      throw toArtifactError(cause, `list the artifacts in ${folder}`);
    }
  }
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
