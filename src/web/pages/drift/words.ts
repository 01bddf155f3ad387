import type { ContractColumn, DriftColumn, DriftWindow, DriftWindowDetail } from '#api';
import { toClockText, toCountText, toNumberText, toShareText, toTimeText, toTitle } from '../../format.ts';
import type { Tone } from '../../tones.ts';

export type DriftScore = DriftColumn['scores'][number];
type Comparison = DriftWindow['drifted'][number];
export type StreamStatus = DriftWindow['status'] | 'no-window';

/** Smaller probabilities are all the same to a reader. */
const P_VALUE_MIN = 0.0001;

/** Colour and word of a window. */
export function windowLook({
  status,
  verdict,
  isSustained,
}: {
  readonly status: StreamStatus;
  readonly verdict?: DriftWindow['verdict'];
  readonly isSustained?: boolean;
}): { readonly tone: Tone; readonly word: string } {
  switch (status) {
    case 'no-window':
      return { tone: 'grey', word: 'No window yet' };
    case 'no-reference':
      return { tone: 'grey', word: 'No reference' };
    case 'too-few-rows':
      return { tone: 'grey', word: 'Too few rows' };
    case 'judged':
      if (isSustained === true) return { tone: 'red', word: 'Sustained drift' };
      return verdict === 'drifted' ? { tone: 'orange', word: 'Drifted' } : { tone: 'green', word: 'Stable' };
    default:
      return status satisfies never;
  }
}

/** What somebody can do about a window, besides reading its numbers; undefined when nothing needs doing. */
export function maybeAdvice({ status, verdict, isSustained = false }: Parameters<typeof windowLook>[0]) {
  switch (status) {
    case 'no-window':
      return undefined;
    case 'no-reference':
      return 'Only versions that were trained since drift is monitored have a reference. Train again to get one.';
    case 'too-few-rows':
      return 'No verdict is better than a guess: the next window with more rows gets one.';
    case 'judged':
      if (verdict !== 'drifted') return undefined;
      return isSustained
        ? 'Look at the first columns below and at the files their rows come from. If the data are right, train again.'
        : 'One window can be chance. Look at the first columns below; the next windows show whether it lasts.';
    default:
      return status satisfies never;
  }
}

/** When a window was: the day once, where it begins and ends on one. */
export function toWindowText({ from, to }: Pick<DriftWindow, 'from' | 'to'>): string {
  const [begin, end] = [toTimeText(from), toTimeText(to)];
  const day = (text: string): string => text.slice(0, text.lastIndexOf(','));
  return `${begin} to ${day(begin) === day(end) ? toClockText(to) : end}`;
}

/** Identifies a column of a window in the address. */
export function toColumnKey({ subject, column }: Pick<DriftColumn, 'subject' | 'column'>): string {
  return `${subject}:${column}`;
}

/** What people call a column: the contract's label of a feature, and what a prediction is compared by. */
export function toColumnTitle(
  { subject, column }: Pick<DriftColumn, 'subject' | 'column'>,
  columns: readonly ContractColumn[],
): string {
  const label = (name: string): string => columns.find((each) => each.name === name)?.label ?? name;
  switch (subject) {
    case 'feature':
      return label(column);
    case 'prediction':
      return `Prediction of ${label(columns.find(({ role }) => role === 'label')?.name ?? column)}`;
    case 'confidence':
      return 'Confidence of predictions';
    default:
      return subject satisfies never;
  }
}

/** From this effect on a comparison drifts. */
export function driftsFrom({ threshold, effectMin }: Pick<DriftScore, 'threshold' | 'effectMin'>): number {
  return Math.max(threshold ?? 0, effectMin);
}

/** The comparison that stands for its column: the one furthest beyond the effect from which it drifts, or nearest to it. */
export function leadingScore({ scores }: Pick<DriftColumn, 'scores'>): DriftScore | undefined {
  const ratio = (score: DriftScore): number => score.effect / Math.max(driftsFrom(score), Number.MIN_VALUE);
  const order = (score: DriftScore): number => (score.verdict === 'drifted' ? 1 : 0);
  return scores.toSorted((a, b) => order(b) - order(a) || ratio(b) - ratio(a))[0];
}

/** The comparison that has the population stability index of a column. */
const withStability = ({ scores }: Pick<DriftColumn, 'scores'>): DriftScore | undefined =>
  scores.find(({ stabilityIndex }) => stabilityIndex !== null);

/** The population stability index of a column, which belongs to the comparison of its distribution. */
export function stabilityIndexOf(column: Pick<DriftColumn, 'scores'>): number | null {
  return withStability(column)?.stabilityIndex ?? null;
}

/** The population stability index beside what chance alone makes of windows of the size. */
export function toStabilityText(column: Pick<DriftColumn, 'scores'>): string {
  const { stabilityIndex, stabilityThreshold } = withStability(column) ?? {};
  const total = `${toNumberText(stabilityIndex)} in total`;
  return stabilityThreshold == null ? total : `${total}; chance alone gives up to ${toNumberText(stabilityThreshold)}`;
}

const KINDS: Readonly<Record<Comparison['kind'], string>> = {
  distribution: 'Distribution',
  missing: 'Missing values',
  'new-category': 'New categories',
  skew: 'Training–serving skew',
};
export const toKindTitle = (kind: Comparison['kind']): string => KINDS[kind];

/** An effect as its kind counts it: a distance of distributions, or a share of rows. */
export function toEffectText(effect: number, kind: Comparison['kind']): string {
  return kind === 'distribution' ? toNumberText(effect) : toShareText(effect);
}

/** The verdict on a comparison in one sentence with its numbers. */
export function toScoreSentence(score: DriftScore, { k, n }: DriftWindow['sustained']): string {
  const { kind, verdict, rows, driftedWindows, isSustained } = score;
  const from = `drift begins at ${toEffectText(driftsFrom(score), kind)}`;
  const compared = `${toNumberText(rows.reference)} rows of the reference and ${toNumberText(rows.current)} of the window`;
  const proof =
    score.pValue === null
      ? compared
      : `${toTestTitle(score.test)}, ${compared}, ${toPValueText(score.pValue, score.pValueMax)}`;
  const lasting = isSustained ? `, which is sustained drift (${k} of ${n})` : '';
  const often =
    verdict === 'drifted' ? ` Drifted in ${driftedWindows} of the last ${toCountText(n, 'window')}${lasting}.` : '';
  return `${toFinding(score)}; ${from} (${proof}).${often}`;
}

function toFinding({ kind, verdict, effect }: DriftScore): string {
  const size = toEffectText(effect, kind);
  switch (kind) {
    case 'distribution':
      return verdict === 'drifted'
        ? `The values are distributed differently, by a distance of ${size}`
        : `The values are distributed as in the reference, up to a distance of ${size}`;
    case 'missing':
      return `The share of missing values differs by ${size} of the rows`;
    case 'new-category':
      return `${size} of the rows have a category that the reference does not have`;
    case 'skew':
      return `${size} of the stored predictions differ from what their model version predicts for the same row`;
    default:
      return kind satisfies never;
  }
}

const TESTS: Readonly<Record<string, string>> = {
  'kolmogorov-smirnov': 'Kolmogorov–Smirnov test',
  'chi-square': 'chi-square test',
  fisher: 'Fisher’s exact test',
};
function toTestTitle(test: string): string {
  return TESTS[test] ?? toTitle(test);
}

/** A probability, and up to which one a difference is significant. */
export function toPValueText(pValue: number, pValueMax: number | null = null): string {
  const limit = pValueMax === null ? '' : `, significant up to ${toNumberText(pValueMax)}`;
  const own = pValue < P_VALUE_MIN ? `p < ${P_VALUE_MIN}` : `p = ${toNumberText(pValue)}`;
  return `${own}${limit}`;
}

/** The days of a window, as lists of predictions are filtered by. */
export function daysOf({ from, to }: Pick<DriftWindowDetail, 'from' | 'to'>): {
  readonly from: string;
  readonly to: string;
} {
  // The end is not included: a window that ends at midnight has no row of the next day.
  const last = new Date(Date.parse(to) - 1).toISOString();
  return { from: from.slice(0, 10), to: last.slice(0, 10) };
}
