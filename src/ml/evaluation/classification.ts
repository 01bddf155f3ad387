import type { Statistics, Weights } from './intervals.ts';

/** Test rows of a classifier: true class indexes, and one probability per class and row. */
export interface ClassifiedRows {
  readonly classCount: number;
  readonly actual: Float64Array;
  readonly probabilities: Float64Array;
}

// Log loss of a certain mistake is infinite; probabilities are kept this far from 0.
const PROBABILITY_MIN = 1e-15;

/** The most probable class of each row, the first of equals. */
export function predictedClasses({ classCount, probabilities }: ClassifiedRows): Int32Array {
  const predicted = new Int32Array(probabilities.length / classCount);
  for (let row = 0; row < predicted.length; row += 1) {
    let best = 0;
    for (let index = 1; index < classCount; index += 1) {
      if (probabilities[row * classCount + index]! > probabilities[row * classCount + best]!) best = index;
    }
    predicted[row] = best;
  }
  return predicted;
}

/** `confusion[actual * classCount + predicted]`. */
export function confusionOf(
  rows: ClassifiedRows,
  { predicted, weights }: { predicted: Int32Array; weights: Weights },
): Float64Array {
  const counts = new Float64Array(rows.classCount ** 2);
  for (let row = 0; row < predicted.length; row += 1) {
    const slot = rows.actual[row]! * rows.classCount + predicted[row]!;
    counts[slot] = counts[slot]! + weights[row]!;
  }
  return counts;
}

export interface ClassCounts {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Precision, recall and F1 of each class; 0 where the class was never predicted or never present. */
export function classCounts(confusion: Float64Array, classCount: number): ClassCounts[] {
  return Array.from({ length: classCount }, (_, index) => {
    const hit = confusion[index * classCount + index]!;
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classCount; other += 1) {
      support += confusion[index * classCount + other]!;
      predicted += confusion[other * classCount + index]!;
    }
    const precision = predicted > 0 ? hit / predicted : 0;
    const recall = support > 0 ? hit / support : 0;
    const f1 = support + predicted > 0 ? (2 * hit) / (support + predicted) : 0;
    return { precision, recall, f1, support };
  });
}

/** Every metric of a classifier as a function of how often each row counts, so that resampling is cheap. */
export function classificationStatistics(rows: ClassifiedRows): Statistics {
  const predicted = predictedClasses(rows);
  const losses = rowLosses(rows);
  const order = rows.classCount === 2 ? orderByScore(rows) : undefined;
  return (weights) => {
    const total = sum(weights);
    const confusion = confusionOf(rows, { predicted, weights });
    const counts = classCounts(confusion, rows.classCount);
    // A class without rows has no recall; the averages are over the others.
    const present = counts.filter(({ support }) => support > 0);
    const seen = counts.filter((_, index) => isSeen(confusion, { index, classCount: rows.classCount }));
    const values = new Map([
      ['accuracy', diagonal(confusion, rows.classCount) / total],
      ['balanced_accuracy', mean(present.map(({ recall }) => recall))],
      ['precision_macro', mean(seen.map(({ precision }) => precision))],
      ['recall_macro', mean(seen.map(({ recall }) => recall))],
      ['f1_macro', mean(seen.map(({ f1 }) => f1))],
      ['log_loss', weighted(losses.log, weights) / total],
      ['brier', weighted(losses.brier, weights) / total],
    ]);
    const auc = order === undefined ? undefined : areaUnderCurve(rows, { order, weights });
    if (auc !== undefined) values.set('auc', auc);
    return values;
  };
}

/** Log loss and Brier score (the sum over all classes, G. W. Brier 1950; halved for two classes, as is usual) of each row. */
function rowLosses({ classCount, actual, probabilities }: ClassifiedRows): { log: Float64Array; brier: Float64Array } {
  const log = new Float64Array(actual.length);
  const brier = new Float64Array(actual.length);
  for (let row = 0; row < actual.length; row += 1) {
    let squares = 0;
    for (let index = 0; index < classCount; index += 1) {
      const truth = actual[row] === index ? 1 : 0;
      squares += (probabilities[row * classCount + index]! - truth) ** 2;
    }
    brier[row] = classCount === 2 ? squares / 2 : squares;
    log[row] = -Math.log(Math.max(PROBABILITY_MIN, probabilities[row * classCount + actual[row]!]!));
  }
  return { log, brier };
}

function orderByScore({ actual, probabilities }: ClassifiedRows): Int32Array {
  return Int32Array.from(actual.keys()).sort((a, b) => probabilities[2 * a + 1]! - probabilities[2 * b + 1]! || a - b);
}

/**
 * The probability that a row of the second class scores above one of the first, with ties counted half; undefined
 * without both.
 */
function areaUnderCurve(
  { actual, probabilities }: ClassifiedRows,
  { order, weights }: { order: Int32Array; weights: Weights },
): number | undefined {
  let firstBelow = 0;
  let secondTotal = 0;
  let wins = 0;
  for (let start = 0; start < order.length; ) {
    const score = probabilities[2 * order[start]! + 1]!;
    let first = 0;
    let second = 0;
    let end = start;
    for (; end < order.length && probabilities[2 * order[end]! + 1]! === score; end += 1) {
      const row = order[end]!;
      if (actual[row] === 1) second += weights[row]!;
      else first += weights[row]!;
    }
    wins += second * (firstBelow + first / 2);
    firstBelow += first;
    secondTotal += second;
    start = end;
  }
  return firstBelow > 0 && secondTotal > 0 ? wins / (firstBelow * secondTotal) : undefined;
}

function isSeen(confusion: Float64Array, { index, classCount }: { index: number; classCount: number }): boolean {
  for (let other = 0; other < classCount; other += 1) {
    if (confusion[index * classCount + other]! > 0 || confusion[other * classCount + index]! > 0) return true;
  }
  return false;
}

function diagonal(confusion: Float64Array, classCount: number): number {
  let hits = 0;
  for (let index = 0; index < classCount; index += 1) hits += confusion[index * classCount + index]!;
  return hits;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function weighted(values: Float64Array, weights: Weights): number {
  let total = 0;
  for (let row = 0; row < values.length; row += 1) total += values[row]! * weights[row]!;
  return total;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
