import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { isStoreError, StoreError } from '../errors.ts';
import type { ArtifactDriver, Blob } from './driver.ts';

/** The form of a digest: the only text that may become part of a path. */
export const DIGEST = /^[0-9a-f]{64}$/;

export function assertDigest(text: string): void {
  if (DIGEST.test(text)) return;
  throw new StoreError(
    'digest_invalid',
    `Expected a digest, 64 lower-case hex digits, but got ${JSON.stringify(text.slice(0, 100))}.`,
  );
}

/** Passes content through and computes its digest and size. */
export interface Meter {
  pass(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  blob(): Blob;
}

export function createMeter(): Meter {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  return {
    async *pass(content) {
      for await (const chunk of content) {
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        yield chunk;
      }
    },
    blob: () => ({ digest: hash.digest('hex'), sizeBytes }),
  };
}

/**
 * Passes a stream through, which ends with an error when the content does not match the digest. The source is closed at
 * the end, so that the reader may remove the file or unmount its folder.
 */
export function verifiedStream(source: Readable, expected: string): Readable {
  const hash = createHash('sha256');
  const verifier = new Transform({
    transform: (chunk: Uint8Array, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
    flush: (done) => {
      const digest = hash.digest('hex');
      const end = (): void => done(digest === expected ? null : damagedError(expected, digest));
      if (source.closed) return end();
      source.once('close', end);
      source.destroy();
    },
  });
  // The reader gets the error; leaving early closes the source.
  return pipeline(source, verifier, () => {});
}

function damagedError(expected: string, digest: string): StoreError {
  return new StoreError(
    'artifact_damaged',
    `Artifact ${expected} is damaged: its bytes have the digest ${digest}. Delete it, and the task that made it will run again.`,
  );
}

export function missingError(digest: string): StoreError {
  return new StoreError('artifact_missing', `Expected artifact ${digest} to exist, but it does not.`);
}

/** Reads a whole artifact again and returns whether it matches its digest. */
export async function verifyArtifact(
  artifacts: ArtifactDriver,
  digest: string,
): Promise<'intact' | 'damaged' | 'missing'> {
  if ((await artifacts.stat(digest)) === undefined) return 'missing';
  try {
    for await (const _ of await artifacts.read(digest)) {
      // Reading to the end verifies.
    }
    return 'intact';
  } catch (error) {
    // An error of the disk is no proof about the content.
    if (isStoreError(error, 'artifact_damaged')) return 'damaged';
    throw error;
  }
}
