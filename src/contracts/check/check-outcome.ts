import type { CheckResult } from '../check-result.ts';

/** The result of a check, and the files it wrote; a file that would be empty is absent. */
export interface CheckOutcome {
  /** Statistics and violations. */
  readonly result: CheckResult;
  /** Paths of the files that were written. */
  readonly files: {
    /** Good rows under the contract's column names, with unchanged text. */
    readonly good?: string;
    /** Bad rows: `line` in the checked file, unchanged text, and `violations`: all their reasons. */
    readonly bad?: string;
    /**
     * Records that are no rows, one JSON object per line: `line`, `offset`, `reason`, `text` when it is text, `base64`.
     */
    readonly rejected?: string;
    /** With `keepsLines`: where the good rows are in the checked file, as `goodLineReader` reads it. */
    readonly lines?: string;
  };
}

/** The same before the files are at their place. */
export interface FoundParts {
  readonly result: Omit<CheckResult, 'durationMs'>;
  readonly parts: CheckOutcome['files'];
}
