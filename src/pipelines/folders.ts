import type { DataPlaces } from './places/data-places.ts';

/** The folders that files pass through: absolute paths, or addresses in buckets. */
export interface DataFolders {
  readonly raw: string;
  readonly good: string;
  readonly bad: string;
  /** Where files of labels arrive. */
  readonly labels: string;
}

/** A folder whose files are consumed: each is selected, processed, and then removed. */
export interface Inbox {
  readonly folder: string;
  /** What it is called in messages. */
  readonly name: 'raw-data' | 'label-data';
  /** What reads and removes them; files of this machine unless set. */
  readonly places?: DataPlaces | undefined;
}
