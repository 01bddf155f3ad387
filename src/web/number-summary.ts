import type { StoredPrediction } from '#api';
import { type NumberStyle, toCountText, toLabelText, toStatisticText } from './format.ts';

interface Fact {
  readonly value: string;
  readonly about: string;
}

type Predicted = Pick<StoredPrediction, 'prediction' | 'error'>;

/** What predicted numbers have in common: average, range and, where labels are known, errors. Nothing of classes. */
export function toNumberFacts(items: readonly Predicted[], label?: NumberStyle): readonly Fact[] {
  const numbers = items.flatMap(({ prediction }) => (typeof prediction === 'number' ? prediction : []));
  if (numbers.length === 0) return [];
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number): string => toLabelText(sorted[Math.round(share * (sorted.length - 1))] ?? 0, label);
  const errors = items.flatMap(({ error }) => error ?? []);
  return [
    { value: toStatisticText(meanOf(numbers), label), about: 'on average' },
    { value: at(0.5), about: 'median' },
    { value: `${at(0.1)} to ${at(0.9)}`, about: 'middle 80 %' },
    ...(errors.length === 0 ? [] : toErrorFacts(errors, label)),
  ];
}

function toErrorFacts(errors: readonly number[], label: NumberStyle | undefined): readonly Fact[] {
  const of = `of ${toCountText(errors.length, 'row')} with a label`;
  return [
    { value: toStatisticText(meanOf(errors.map(Math.abs)), label), about: `mean absolute error, ${of}` },
    { value: toStatisticText(meanOf(errors), label), about: 'mean error' },
  ];
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
