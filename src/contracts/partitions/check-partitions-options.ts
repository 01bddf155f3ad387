import type { CheckFileOptions } from '../check/check-file-options.ts';

/** One file of a partitioned dataset. */
export interface DatasetPartition {
  /** Its name within the dataset, with `/` between folders: it decides the order, and names its rows in reports. */
  readonly name: string;
  /** Gives the file as one on this disk for as long as the work takes; called again where rows are parted again. */
  readonly use: <T>(work: (path: string) => Promise<T>) => Promise<T>;
}

/** What to check, against what, and where the parts go. */
export interface CheckPartitionsOptions
  extends Pick<
    CheckFileOptions,
    | 'contract'
    | 'contractFor'
    | 'mayLack'
    | 'duckdb'
    | 'references'
    | 'encoding'
    | 'delimiter'
    | 'recordBytesMax'
    | 'groupColumns'
    | 'signal'
    | 'onProgress'
  > {
  /** Name of the dataset in reports. */
  readonly name: string;
  /** Its files, in the order of their names: of equal keys the first row keeps its own. */
  readonly partitions: readonly DatasetPartition[];
  /**
   * Where the rows are written; created if missing. `manifest.json` is written last: when it exists, all files that it names
   * do.
   */
  readonly folder: string;
  /** Memory that the keys of all rows may take at once, in bytes; 320 MB by default. More keys are compared in several passes. */
  readonly keyBytesMax?: number;
}
