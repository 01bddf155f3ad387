import type { StoredScore, Stream } from './window.ts';

export interface Told {
  readonly stream: Stream;
  readonly model: string;
  readonly version: number;
  readonly rows: number;
  readonly rowsMin: number;
  readonly scores: readonly StoredScore[];
  readonly sustained: { readonly k: number; readonly n: number };
}

const NAMED_MAX = 3;

/** What was found in a window, in one sentence with its numbers. */
export function judgedSentence({ scores, sustained: { n }, ...told }: Told): string {
  const drifted = scores
    .filter(({ verdict }) => verdict === 'drifted')
    .sort((one, other) => other.effect * (other.importance ?? 1) - one.effect * (one.importance ?? 1));
  const compared = `${scores.length} comparisons of ${rowsText(told)} with the training of ${told.model}@${told.version}`;
  if (drifted.length === 0) return `No drift in ${compared}.`;
  const rest = drifted.length - NAMED_MAX;
  const named = drifted.slice(0, NAMED_MAX).map((score) => scoreText(score, n));
  const others = rest > 0 ? [`and ${rest} more`] : [];
  return `Drift in ${drifted.length} of ${compared}: ${[...named, ...others].join('; ')}.`;
}

export function tooFewSentence({ rowsMin, ...told }: Told): string {
  return `No verdict: ${rowsText(told)} came within the longest window, and a verdict needs ${rowsMin}.`;
}

export function noReferenceSentence({ model, version, ...told }: Told): string {
  return `No verdict on ${rowsText(told)}: ${model}@${version} was registered without a reference. Train again: the same rows give the same version its reference.`;
}

const rowsText = ({ rows, stream }: Pick<Told, 'rows' | 'stream'>): string =>
  stream === 'data' ? `${rows} ${rows === 1 ? 'row' : 'rows'}` : `${rows} ${rows === 1 ? 'prediction' : 'predictions'}`;

function scoreText({ subject, column, kind, effect, threshold, rows, driftedWindows }: StoredScore, n: number): string {
  const name = subject === 'feature' ? column : subject;
  const past = `drifted in ${driftedWindows} of the last ${n} windows`;
  if (kind === 'skew')
    return `${Math.round(effect * rows.current)} of ${rows.current} predictions are not repeated by their version, ${past}`;
  const limit = threshold === null ? '' : ` (limit ${shown(threshold)})`;
  return `${name}, ${WHAT[kind]} ${shown(effect)}${limit}, ${past}`;
}

const WHAT = {
  distribution: 'values moved by',
  missing: 'share of missing values changed by',
  'new-category': 'share of new categories grew by',
} as const;

const shown = (share: number): string => `${(share * 100).toFixed(1)} %`;
