import path from 'node:path';
import type { Readable } from 'node:stream';
import type { FileReceipt } from '#engine';
import { isS3Address } from '#store';
import type { FileContent, NoContent } from '../data-files.ts';
import type { ReceivedFile } from './receive-file.ts';

/** A plain file without its content. */
export interface SeenFile {
  readonly name: string;
  /** Another one when the file was written or replaced. */
  readonly identity: string;
  /** When it may have been written to last; 0 where a file appears whole and never changes. */
  readonly changedAtMs: number;
  readonly modifiedAtMs: number;
  readonly sizeBytes: number;
}

/** A file that was ingested: its name, and the digest of the bytes that it had. */
export interface IngestedBytes {
  readonly id: string;
  readonly file: string;
  readonly digest: string;
}

/** Places a file from the private folder of an attempt, as `context.file` does. */
export type PlaceFile = (from: string, to: string) => Promise<FileReceipt>;

/** What is done with the files of data folders. A folder is a path or an address in a bucket, and so is a file. */
export interface DataPlaces {
  /** Plain, visible files by name. */
  names(folder: string): Promise<readonly string[]>;
  look(folder: string): Promise<readonly SeenFile[]>;
  lookAt(file: string): Promise<SeenFile | undefined>;
  /** Reads a file that does not change at the same time, and optionally copies it. */
  read(file: string, options?: { readonly copyTo?: string }): Promise<FileContent | NoContent>;
  /** The content of a file as it is, for somebody who asked for it. */
  open(file: string): Promise<Readable>;
  /** Takes a new file, which appears whole or not at all and replaces no other. */
  receive(file: {
    readonly folder: string;
    readonly name: string;
    readonly content: AsyncIterable<Uint8Array>;
  }): Promise<ReceivedFile>;
  /** Puts the result of an attempt where it belongs, whole or not at all; repeatable. */
  place(placement: { readonly from: string; readonly to: string }, file: PlaceFile): Promise<FileReceipt>;
  /** Removes what an earlier attempt left at these places that was killed, or made other files. */
  makeRoom(places: readonly string[], wanted: ReadonlySet<string>): Promise<void>;
  /** Removes an ingested file unless its name has other bytes now; repeatable. */
  remove(folder: string, ingested: IngestedBytes): Promise<void>;
}

/** A file or folder below a folder. */
export function placeIn(folder: string, ...names: readonly string[]): string {
  return isS3Address(folder) ? [folder, ...names].join('/') : path.join(folder, ...names);
}
