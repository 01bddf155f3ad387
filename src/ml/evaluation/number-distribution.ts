import { z } from 'zod';
import type { RegressedRows } from './regression.ts';

const counts = z.array(z.int());

/**
 * How numbers are distributed over bins. `edges` divide them: the first bin lies below the first edge, the last at or above
 * the last edge, so there is one count more than there are edges.
 */
export const numberDistributionSchema = z.object({
  values: z.object({ edges: z.array(z.number()), predicted: counts, actual: counts }),
  /** Of predicted minus actual. */
  errors: z.object({ edges: z.array(z.number()), rows: counts }),
  /** Test rows in groups of equally many, by what was predicted for them. */
  groups: z.array(
    z.object({
      rows: z.int(),
      predicted: z.number(),
      /** Mean of the actual numbers, and the range of the middle 80 % of them. */
      actual: z.number(),
      low: z.number(),
      high: z.number(),
    }),
  ),
});

/** Distributions of a regression: what was predicted, what was so, and the errors. */
export type NumberDistribution = z.infer<typeof numberDistributionSchema>;

const BINS = 12;
const GROUPS = 10;
/** The few numbers beyond belong to the bins at both ends. */
const TAIL = 0.01;
/** Of the size of the numbers. */
const SPAN_MIN = 1e-6;

/** Distributions over round bins that hold 98 % of the numbers between their edges. */
export function numberDistribution({ actual, predicted }: RegressedRows): NumberDistribution {
  const errors = predicted.map((value, row) => value - actual[row]!);
  const edges = edgesFor(actual);
  const errorEdges = edgesFor(errors);
  return {
    values: { edges, predicted: countsOf(predicted, edges), actual: countsOf(actual, edges) },
    errors: { edges: errorEdges, rows: countsOf(errors, errorEdges) },
    groups: groupsOf({ actual, predicted }),
  };
}

/** Multiples of a round step around most of the numbers. */
function edgesFor(values: Float64Array): number[] {
  const sorted = values.toSorted();
  const low = quantileOf(sorted, TAIL);
  const span = quantileOf(sorted, 1 - TAIL) - low;
  // Numbers that differ less than this have no round bounds between them.
  if (!(span > SPAN_MIN * Math.max(Math.abs(low), Math.abs(low + span), SPAN_MIN))) return [low];
  const least = span / BINS;
  const power = Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * 10 ** power).find((each) => each >= least) ?? least;
  const first = Math.floor(low / step);
  const last = Math.ceil((low + span) / step);
  // Adding the step would add its rounding error each time.
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

function countsOf(values: Float64Array, edges: readonly number[]): number[] {
  const counted = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    const above = edges.findIndex((edge) => value < edge);
    const bin = above < 0 ? edges.length : above;
    counted[bin] = counted[bin]! + 1;
  }
  return counted;
}

function groupsOf({ actual, predicted }: RegressedRows): NumberDistribution['groups'] {
  const order = Int32Array.from(predicted.keys()).sort((a, b) => predicted[a]! - predicted[b]! || a - b);
  const count = Math.min(GROUPS, order.length);
  return Array.from({ length: count }, (_, group) => {
    const rows = order.subarray(
      Math.round((group * order.length) / count),
      Math.round(((group + 1) * order.length) / count),
    );
    const found = Float64Array.from(rows, (row) => actual[row]!).sort();
    return {
      rows: rows.length,
      predicted: meanOf(Float64Array.from(rows, (row) => predicted[row]!)),
      actual: meanOf(found),
      low: quantileOf(found, 0.1),
      high: quantileOf(found, 0.9),
    };
  });
}

const quantileOf = (sorted: Float64Array, share: number): number =>
  sorted[Math.round(share * (sorted.length - 1))] ?? 0;

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
