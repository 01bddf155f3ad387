import { seededRandom } from './random.ts';

// The 97.5 % quantile of the normal distribution.
const Z = 1.959963984540054;
const RESAMPLES_MAX = 1000;
const RESAMPLES_MIN = 200;
const ROW_VISITS_MAX = 20_000_000;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * 95 % score interval of a share of `count`. E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", Journal of the American Statistical Association 22 (1927) 209–212. It stays within 0 and 1 and is valid
 * for few rows, unlike the textbook interval.
 */
export function wilsonInterval(successes: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 };
  const share = successes / count;
  const square = Z * Z;
  const middle = share + square / (2 * count);
  const reach = Z * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count));
  const scale = 1 + square / count;
  return { low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}

interface Sample {
  readonly mean: number;
  /** Of the sample, divided by its count less one; null for a single row. */
  readonly variance: number | null;
  readonly count: number;
}

/** 95 % interval around an estimate, by its standard deviation and the normal distribution. */
export function intervalOf(value: number, deviation: number): Interval {
  return { low: value - Z * deviation, high: value + Z * deviation };
}

/**
 * 95 % interval of a share that is a product of many, by the variance of its logarithm; it stays within 0 and 1.
 * J. D. Kalbfleisch and R. L. Prentice, "The Statistical Analysis of Failure Time Data" (1980), section 1.3.
 */
export function logLogInterval(share: number, logVariance: number): Interval {
  if (!(share > 0 && share < 1)) return { low: share, high: share };
  const reach = (Z * Math.sqrt(logVariance)) / Math.abs(Math.log(share));
  return { low: share ** Math.exp(reach), high: share ** Math.exp(-reach) };
}

/** Below this many rows, a variance says too little, and so does the expansion below. */
const SAMPLE_MIN = 5;

/** 95 % interval of a mean, by Student's t distribution; undefined for fewer than five rows. */
export function meanInterval({ mean, variance, count }: Sample): Interval | undefined {
  if (variance === null || count < SAMPLE_MIN) return undefined;
  const reach = studentQuantile(count - 1) * Math.sqrt(variance / count);
  return { low: mean - reach, high: mean + reach };
}

/**
 * The 97.5 % quantile of Student's t distribution, from four degrees of freedom on within 0.3 %: the expansion 26.7.5 of
 * M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions" (1964).
 */
function studentQuantile(freedom: number): number {
  const terms = [
    Z,
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
  ];
  return terms.reduce((sum, term, power) => sum + term / freedom ** power, 0);
}

/** How often each row counts. */
export type Weights = Float64Array;

/** Statistics of rows by name; one that is undefined for these rows is left out. */
export type Statistics = (weights: Weights) => ReadonlyMap<string, number>;

/**
 * 95 % percentile intervals of several statistics at once, from rows resampled with replacement.
 * B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
 */
export function bootstrapIntervals(
  statistics: Statistics,
  { rowCount, seed }: { readonly rowCount: number; readonly seed: number },
): ReadonlyMap<string, Interval> {
  const random = seededRandom(seed);
  const resamples = Math.max(
    RESAMPLES_MIN,
    Math.min(RESAMPLES_MAX, Math.floor(ROW_VISITS_MAX / Math.max(1, rowCount))),
  );
  const draws = new Map<string, number[]>();
  const weights = new Float64Array(rowCount);
  for (let resample = 0; resample < resamples; resample += 1) {
    weights.fill(0);
    for (let draw = 0; draw < rowCount; draw += 1) {
      const row = Math.floor(random() * rowCount);
      weights[row] = weights[row]! + 1;
    }
    for (const [name, value] of statistics(weights)) {
      const values = draws.get(name) ?? [];
      values.push(value);
      draws.set(name, values);
    }
  }
  return new Map([...draws].map(([name, values]) => [name, percentiles(values)]));
}

function percentiles(values: number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}
