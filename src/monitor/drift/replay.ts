import type { Prediction } from '#ml';
import type { Judgement } from './judge-window.ts';
import type { SkewExample } from './window.ts';

/** One stored prediction, what its model version predicts now for the row as served, and for the row as training reads it. */
export interface Replayed {
  readonly predictionId: string;
  readonly stored: Pick<Prediction, 'value' | 'probability'>;
  readonly served: Pick<Prediction, 'value' | 'probability'>;
  readonly trained: Pick<Prediction, 'value' | 'probability'>;
}

/** Relative above 1. Exponentials may differ in the last digits between engines. */
const TOLERANCE = 1e-9;
const EXAMPLES_MAX = 20;

/**
 * Whether serving and training agree: every prediction must be repeated by its model version, from the features as they were
 * served and from the same row read as training reads it. One that is not is drift of the kind `skew`.
 */
export function judgeReplay(replayed: readonly Replayed[], { isHidden }: { readonly isHidden: boolean }): Judgement {
  const differing = replayed.filter(
    ({ stored, served, trained }) => !isSame(stored, served) || !isSame(stored, trained),
  );
  return {
    ...{ subject: 'prediction', column: 'prediction', kind: 'skew', test: 'replay' },
    rows: { reference: replayed.length, current: replayed.length },
    ...{ effect: differing.length / Math.max(1, replayed.length), effectMin: 0 },
    ...{
      pValue: null,
      pValueMax: null,
      threshold: null,
      stabilityIndex: null,
      stabilityThreshold: null,
      importance: null,
    },
    verdict: differing.length > 0 ? 'drifted' : 'stable',
    bins: [],
    examples: differing.slice(0, EXAMPLES_MAX).map((each) => toExample(each, isHidden)),
  };
}

function toExample({ predictionId, stored, served, trained }: Replayed, isHidden: boolean): SkewExample {
  if (isHidden) return { predictionId };
  return { predictionId, stored: toText(stored), served: toText(served), trained: toText(trained) };
}

const toText = ({ value, probability }: Replayed['stored']): string =>
  probability === undefined ? String(value) : `${value} (${probability})`;

function isSame(one: Replayed['stored'], other: Replayed['stored']): boolean {
  if (typeof one.value === 'number' && typeof other.value === 'number') return isNear(one.value, other.value);
  return one.value === other.value && isNear(one.probability ?? 0, other.probability ?? 0);
}

const isNear = (one: number, other: number): boolean =>
  Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one), Math.abs(other));
