import type { FeatureRow, Prediction } from '#ml';
import type { Challenge } from './challenge.ts';
import { type DriftOptions, evaluateDrift } from './evaluate-drift.ts';
import { maybeCompareNumbers, maybeOutsideShare } from './numbers.ts';
import { type ColumnForm, type DriftReference, samplePredictions, sampleRows } from './reference.ts';
import type { Sample } from './sample.ts';
import type { StoredScore, Subject } from './window.ts';

/** A comparison before it is known how many windows it has drifted in. */
export type Judgement = Omit<StoredScore, 'driftedWindows' | 'isSustained'>;

export interface Unjudged {
  readonly subject: Subject;
  readonly column: string;
  readonly reason: string;
}

export interface Judged {
  readonly scores: readonly Judgement[];
  /** Columns without a verdict, and why. */
  readonly unjudged: readonly Unjudged[];
  /** What the challenger would have predicted; absent without one. */
  readonly challenge?: Challenge;
}

/** The rows of a window. */
export interface WindowRows {
  readonly rows: readonly FeatureRow[];
  /** What was predicted for them; absent for rows that only arrived. */
  readonly predictions?: readonly Pick<Prediction, 'value' | 'probability'>[];
}

export interface JudgeOptions extends Partial<DriftOptions> {
  /** Columns of which no value is shown, the label included. */
  readonly sensitive: ReadonlySet<string>;
  readonly label: string;
}

/** Compares the rows of a window, and what was predicted for them, with the reference of a model version. */
export function judgeWindow(
  reference: DriftReference,
  window: WindowRows,
  { sensitive, label, ...options }: JudgeOptions,
): Judged {
  const { rows, predictions } = window;
  const arrived = sampleRows(formsOf(reference.features), rows);
  // One evaluation of all, because the number of comparisons decides how sure each must be.
  const samples = {
    reference: { ...named(reference.features, 'feature'), ...(predictions && named(reference.predictions)) },
    current: { ...named(arrived, 'feature'), ...(predictions && named(samplePredictions(predictions))) },
  };
  const report = evaluateDrift(samples, options);
  const isHidden = ({ subject, column }: Pick<Judgement, 'subject' | 'column'>): boolean =>
    subject === 'feature' ? sensitive.has(column) : subject === 'prediction' && sensitive.has(label);
  return {
    scores: report.scores.map((score): Judgement => {
      const { column: key, bins = [], stabilityIndex = null, stabilityThreshold = null, ...numbers } = score;
      const about = toAbout(key);
      const pair = { before: samples.reference[key], now: samples.current[key] };
      const compared = score.kind === 'distribution' && !isHidden(about) ? maybeCompareNumbers(pair) : undefined;
      const outsideShare = score.kind === ofOutside(pair.before) ? maybeOutsideShare(pair) : undefined;
      return {
        ...numbers,
        ...about,
        ...{ stabilityIndex, stabilityThreshold, examples: [] },
        importance: about.subject === 'feature' ? (reference.importance[about.column] ?? null) : null,
        bins: isHidden(about) ? [] : bins,
        ...(compared && { numbers: compared }),
        ...(outsideShare !== undefined && { outsideShare }),
      };
    }),
    unjudged: report.unjudged.map(({ column, reason }) => ({ ...toAbout(column), reason })),
  };
}

/** The comparison of a column that the share of values is stored with which training did not have. */
const ofOutside = (sample: Sample[string] | undefined): Judgement['kind'] =>
  sample?.kind === 'number' ? 'distribution' : 'new-category';

const formsOf = (sample: Sample): Readonly<Record<string, ColumnForm>> =>
  Object.fromEntries(Object.entries(sample).map(([name, { kind }]) => [name, kind]));

// A feature may be called like a prediction, so the names of one evaluation say what each is; samples of predictions are
// named like their subjects.
const named = (sample: Sample, subject?: Subject): Sample =>
  Object.fromEntries(Object.entries(sample).map(([name, column]) => [`${subject ?? name} ${name}`, column]));

function toAbout(key: string): Pick<Judgement, 'subject' | 'column'> {
  const space = key.indexOf(' ');
  // Made above from a subject, a space and a name.
  return { subject: key.slice(0, space) as Subject, column: key.slice(space + 1) };
}
