import type { Readable } from 'node:stream';

/** Digest and size of stored bytes. `digest` is the lower-case hex SHA-256 of the content. */
export interface Blob {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** A blob in the store. */
export interface StoredBlob extends Blob {
  /** When it was last put, by the clock of the store. A put of existing content counts. */
  readonly storedAt: Date;
}

/**
 * Stores immutable blobs, named by the digest of their content. `put` is atomic: after a kill at any moment, a blob is
 * completely there or not at all.
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
  /** Whether `localPath` itself refuses a blob that is damaged. */
  readonly verifiesPaths?: boolean;
  /** Tells a store elsewhere that a path is not used any more, so that its copy may go. */
  releasePath?(path: string): Promise<void>;
  /** Where a blob is, for people; in a store whose files are local the path says it. */
  addressOf?(digest: string): string;
  /** Every blob once, in constant memory. Blobs put or deleted in the meantime may be included or not. */
  list(): AsyncIterable<StoredBlob>;
}
