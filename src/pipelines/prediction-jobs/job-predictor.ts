import type { FeatureRow } from '#ml';

/** A prediction as the result of a job has it; `predictionId` where it is stored. */
export interface JobPrediction {
  readonly predictionId?: string | undefined;
  readonly rowId?: string | undefined;
  readonly rowTime?: string | undefined;
  readonly modelVersion: string;
  readonly features: FeatureRow;
  readonly prediction: string | number;
  readonly probability?: number | undefined;
  readonly probabilities?: Readonly<Record<string, number>> | undefined;
}

/** What came of one row. */
export type JobAnswer = { readonly prediction: JobPrediction } | { readonly problem: string };

/** Rows that follow each other in the file of a job. */
export interface JobRows {
  readonly rows: readonly FeatureRow[];
  readonly version: number;
  /** Names these rows when they are to be stored: the same key gives the same answers and stores nothing twice. */
  readonly key: string | undefined;
  readonly signal: AbortSignal;
}

/** Predicts as the API does; answers every row in its place. */
export interface JobPredictor {
  predict(rows: JobRows): Promise<readonly JobAnswer[]>;
}

/**
 * The idempotency key of rows of a job, by the number of the first one. It begins with a line feed, which no header of a
 * client can hold, so no request from outside has the key of a job.
 */
export const jobKey = (job: string, row: number): string => `\nprediction-job ${job} row ${row}`;
