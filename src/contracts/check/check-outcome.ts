import type { CheckResult } from '../check-result.ts';

/** What a check found, and the files it left in its folder; a file that would be empty is absent. */
export interface CheckOutcome {
  /** Statistics and violations. */
  readonly result: CheckResult;
  /** Paths of the files that were written. */
  readonly files: {
    /** Good rows under the contract's column names, their text as it was. */
    readonly good?: string;
    /** Bad rows: `line` in the checked file, their text as it was, and `violations`: all their reasons. */
    readonly bad?: string;
    /** Records that are no rows, one JSON object a line: `line`, `offset`, `reason`, `text` when it is text, `base64`. */
    readonly rejected?: string;
  };
}
