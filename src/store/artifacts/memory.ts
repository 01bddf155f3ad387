import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { assertDigest, missingError, verifiedStream } from './digest.ts';
import { assertRegularFile, toArtifactError } from './disk-errors.ts';
import type { ArtifactDriver, Blob } from './driver.ts';

/** Stores artifacts in this process, for tests and dry runs; a path is given to a temporary file. */
export function memoryArtifacts(): ArtifactDriver {
  const blobs = new Map<string, { readonly bytes: Uint8Array; readonly storedAt: Date }>();
  const files = temporaryFiles();
  const keep = (bytes: Uint8Array): Blob => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    blobs.set(digest, { bytes, storedAt: new Date() });
    return { digest, sizeBytes: bytes.byteLength };
  };
  const bytesOf = (digest: string): Uint8Array => {
    assertDigest(digest);
    const bytes = blobs.get(digest)?.bytes;
    if (bytes === undefined) throw missingError(digest);
    return bytes;
  };
  return {
    name: 'memory',
    // Buffer.from copies, because the caller may continue to change its own bytes.
    put: async (content) => keep(content instanceof Uint8Array ? Buffer.from(content) : await collect(content)),
    putFile: async (file) => {
      try {
        assertRegularFile(await lstat(file), file);
        const blob = keep(await readFile(file));
        await rm(file);
        return blob;
      } catch (cause) {
        throw toArtifactError(cause, `take over ${file} as an artifact`);
      }
    },
    stat: async (digest) => {
      assertDigest(digest);
      const kept = blobs.get(digest);
      return kept && { digest, sizeBytes: kept.bytes.byteLength, storedAt: kept.storedAt };
    },
    read: async (digest) => verifiedStream(Readable.from([bytesOf(digest)], { objectMode: false }), digest),
    localPath: (digest) => files.pathTo(digest, bytesOf(digest)),
    delete: async (digest) => {
      assertDigest(digest);
      blobs.delete(digest);
      await files.remove(digest);
    },
    async *list() {
      for (const digest of [...blobs.keys()].sort()) {
        const kept = blobs.get(digest);
        if (kept !== undefined) yield { digest, sizeBytes: kept.bytes.byteLength, storedAt: kept.storedAt };
      }
    },
  };
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

interface TemporaryFiles {
  pathTo(digest: string, bytes: Uint8Array): Promise<string>;
  remove(digest: string): Promise<void>;
}

function temporaryFiles(): TemporaryFiles {
  let folder: Promise<string> | undefined;
  const written = new Map<string, Promise<string>>();
  const open = async (): Promise<string> => {
    const created = await mkdtemp(path.join(tmpdir(), 'weir-memory-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    return created;
  };
  const write = async (digest: string, bytes: Uint8Array): Promise<string> => {
    folder ??= open();
    const file = path.join(await folder, digest);
    await writeFile(file, bytes, { mode: 0o400 });
    return file;
  };
  return {
    pathTo: async (digest, bytes) => {
      const file = written.get(digest) ?? write(digest, bytes);
      written.set(digest, file);
      return file;
    },
    remove: async (digest) => {
      const file = written.get(digest);
      written.delete(digest);
      if (file !== undefined) await rm(await file, { force: true });
    },
  };
}
