import type { DriftBin } from './bins.ts';
import type { DriftKind } from './evaluate-drift.ts';
import type { ComparedNumbers } from './numbers.ts';

/** What is judged: rows that arrive, or rows that were predicted and what was predicted. */
export const STREAMS = ['data', 'predictions'] as const;
export type Stream = (typeof STREAMS)[number];

/** What a comparison is about. */
export type Subject = 'feature' | 'prediction' | 'confidence';

/** How a window ended: judged, or why not. */
export type WindowStatus = 'judged' | 'too-few-rows' | 'no-reference';

export type Verdict = 'stable' | 'drifted';

/** A comparison by what it is about. `skew`: stored predictions that their model version does not repeat. */
export interface ComparisonKey {
  readonly subject: Subject;
  readonly column: string;
  readonly kind: DriftKind | 'skew';
}

/** A prediction that its model version does not repeat; without values where the label is sensitive. */
export interface SkewExample {
  readonly predictionId: string;
  readonly stored?: string;
  /** What the version predicts now for the features as they were served. */
  readonly served?: string;
  /** What it predicts for the same row, read as training reads rows. */
  readonly trained?: string;
}

/** One comparison of a window, as it is stored. */
export interface StoredScore extends ComparisonKey {
  readonly test: string;
  readonly rows: { readonly reference: number; readonly current: number };
  readonly effect: number;
  readonly effectMin: number;
  readonly pValue: number | null;
  readonly pValueMax: number | null;
  readonly threshold: number | null;
  readonly stabilityIndex: number | null;
  readonly stabilityThreshold: number | null;
  readonly importance: number | null;
  readonly verdict: Verdict;
  readonly driftedWindows: number;
  readonly isSustained: boolean;
  readonly bins: readonly DriftBin[];
  readonly examples: readonly SkewExample[];
  /** Of the distribution of numbers that are not sensitive. */
  readonly numbers?: ComparedNumbers;
  /** Share of the values out of the range of the training rows, or of a category that they do not have. */
  readonly outsideShare?: number;
}
