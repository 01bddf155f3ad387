import type { Readable } from 'node:stream';

/** What a driver knows of the bytes it holds. `digest` is the lower-case hex SHA-256 of the content. */
export interface Blob {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** A blob as it lies in the store. */
export interface StoredBlob extends Blob {
  /** When it was put last, by the clock of the store. Putting content that is there already is putting it. */
  readonly storedAt: Date;
}

/**
 * Where blobs live, named by the digest of their content, immutable once there.
 * `put` is atomic: a blob is wholly there under its name, or not at all, whatever is killed when.
 */
export interface ArtifactDriver {
  readonly name: string;
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<Blob>;
  /** Takes over a finished local file; the file may be moved rather than copied. */
  putFile(path: string): Promise<Blob>;
  stat(digest: string): Promise<StoredBlob | undefined>;
  read(digest: string): Promise<Readable>;
  /** A local, read-only file with the content, for programs that need a path (DuckDB). */
  localPath(digest: string): Promise<string>;
  delete(digest: string): Promise<void>;
  /** Every blob once, in memory that does not grow with their number. What is put or deleted meanwhile may be there or not. */
  list(): AsyncIterable<StoredBlob>;
}
