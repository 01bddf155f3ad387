/** Absolute paths of the folders that files pass through. */
export interface DataFolders {
  readonly raw: string;
  readonly good: string;
  readonly bad: string;
}
