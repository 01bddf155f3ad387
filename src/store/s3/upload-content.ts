/** Bytes to send, read in any order and more than once: a request may be repeated. */
export interface UploadContent {
  readonly sizeBytes: number;
  read(from: number, to: number): Promise<Uint8Array>;
  /** Of all of it, where it is known: then it is not computed again for the signature, and the server refuses other bytes. */
  readonly sha256?: string;
  /** Throws when the bytes may have changed since; called before what was sent in parts becomes an object. */
  assertUnchanged?(): Promise<void>;
}

/** Larger content is sent in parts of this size, or as large as the number of parts requires. */
export const PART_BYTES: number = 8 * 1024 * 1024;
