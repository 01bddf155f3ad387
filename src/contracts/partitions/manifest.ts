import type { CheckedPartition, CheckResult } from '../check-result.ts';

/** A file that a check of a partitioned dataset wrote. */
export interface WrittenFile {
  /** Below the folder of the manifest, with `/` between folders. */
  readonly file: string;
  /** SHA-256 of it. */
  readonly digest: string;
  /** Its size, in bytes. */
  readonly sizeBytes: number;
  /** Rows in it, counted by reading it. */
  readonly rows: number;
}

/** The files that belong to the result of one check; what is beside them does not. */
export interface Manifest {
  /** What this is, for readers of files. */
  readonly kind: 'partitioned-dataset';
  /** Of this form of the manifest. */
  readonly version: 1;
  /** Name of the contract. */
  readonly contract: string;
  /** Digest of the dataset that was checked. */
  readonly digest: string;
  /** Rows of all files by how they ended. */
  readonly rows: CheckResult['rows'];
  /** The files of the dataset in their order, each with what was written of it; a file without rows is absent. */
  readonly partitions: readonly (CheckedPartition & {
    readonly files: {
      readonly good?: WrittenFile;
      readonly bad?: WrittenFile;
      readonly rejected?: WrittenFile;
    };
  })[];
}

export const MANIFEST = 'manifest.json';
