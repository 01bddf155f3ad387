import { type BinRows, differenceOf, differenceSql } from './difference.ts';

/*
 * How far two columns are from each other by a measure that others use too, from the rows of both in the same bins. Unlike
 * the stability index none of them allows for chance, but `chi-square`, which is nothing else.
 */

export const MEASURES = ['kolmogorov-smirnov', 'chi-square', 'jensen-shannon', 'l-infinity'] as const;

/**
 * `kolmogorov-smirnov`: the largest difference of the shares up to a number, at the edges of the bins, 0 to 1.
 * `chi-square`: by how many standard deviations of a normal variable the counts differ more than by chance; see
 * `difference.ts`. `jensen-shannon`: the divergence of both from their mean, in bits, 0 to 1 (Lin, IEEE Transactions on
 * Information Theory 37, 1991). `l-infinity`: the largest difference of the shares of one bin, 0 to 1.
 */
export type Measure = (typeof MEASURES)[number];

/** How far the current rows are from those of the reference; undefined when either side is empty. Bins are in order. */
export function maybeDivergence(bins: readonly BinRows[], measure: Measure): number | undefined {
  const sum = (side: keyof BinRows): number => bins.reduce((total, bin) => total + bin[side], 0);
  const [m, n] = [sum('reference'), sum('current')];
  if (m === 0 || n === 0) return undefined;
  const shares = bins.map(({ reference, current }) => ({ p: reference / m, q: current / n }));
  switch (measure) {
    case 'kolmogorov-smirnov':
      return largestUpTo(shares);
    case 'chi-square':
      return differenceOf(bins).deviations;
    case 'jensen-shannon':
      return shares.reduce((total, { p, q }) => total + (bits(p, (p + q) / 2) + bits(q, (p + q) / 2)) / 2, 0);
    case 'l-infinity':
      return Math.max(...shares.map(({ p, q }) => Math.abs(p - q)));
    default:
      return measure satisfies never;
  }
}

interface Shares {
  readonly p: number;
  readonly q: number;
}

function largestUpTo(shares: readonly Shares[]): number {
  let [largest, difference] = [0, 0];
  for (const { p, q } of shares) {
    difference += p - q;
    largest = Math.max(largest, Math.abs(difference));
  }
  return largest;
}

function bits(share: number, mean: number): number {
  return share === 0 ? 0 : share * Math.log2(share / mean);
}

/** The same over the table expression `bins` of columns `bin`, `reference` and `current`: SQL for one row `(divergence)`. */
export function divergenceSql(bins: string, measure: Measure): string {
  const share = (side: string): string => `${side} / nullif(sum(${side}) over (), 0)`;
  const shares = `select bin, ${share('reference')} as p, ${share('current')} as q from ${bins}`;
  switch (measure) {
    case 'kolmogorov-smirnov':
      return `select max(abs(up_to)) as divergence from (select sum(p - q) over (order by bin) as up_to from (${shares}))`;
    case 'chi-square':
      return `select deviations as divergence from (${differenceSql(bins)})`;
    case 'jensen-shannon': {
      const part = (side: string): string =>
        `case when ${side} > 0 then ${side} * log2(${side} / ((p + q) / 2)) when ${side} = 0 then 0 end`;
      return `select sum((${part('p')} + ${part('q')}) / 2) as divergence from (${shares})`;
    }
    case 'l-infinity':
      return `select max(abs(p - q)) as divergence from (${shares})`;
    default:
      return measure satisfies never;
  }
}
