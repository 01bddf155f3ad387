const ITERATIONS_MAX = 10_000;
const PRECISION = 1e-14;
// Lanczos, g = 7: fifteen digits, the precision of a double.
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function, for positive arguments. */
export function logGamma(value: number): number {
  const below = value - 1;
  // A loop, because this is what takes the time of all exact tests.
  let series = LANCZOS[0] ?? 0;
  for (let term = 1; term < LANCZOS.length; term += 1) series += (LANCZOS[term] ?? 0) / (below + term);
  const shifted = below + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (below + 0.5) * Math.log(shifted) - shifted + Math.log(series);
}

/** Natural logarithm of the number of ways to choose `some` out of `all`. */
export function logChoose(all: number, some: number): number {
  return logGamma(all + 1) - logGamma(some + 1) - logGamma(all - some + 1);
}

/** Probability that a chi-square variable exceeds the value. */
export function chiSquareTail(value: number, degrees: number): number {
  if (value <= 0) return 1;
  const [shape, at] = [degrees / 2, value / 2];
  const scale = Math.exp(shape * Math.log(at) - at - logGamma(shape));
  return at < shape + 1 ? 1 - scale * gammaSeries(shape, at) : scale * gammaFraction(shape, at);
}

function gammaSeries(shape: number, at: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let step = 1; step < ITERATIONS_MAX && term > sum * PRECISION; step += 1) {
    term *= at / (shape + step);
    sum += term;
  }
  return sum;
}

// Lentz's method; the series above needs too many terms out in the tail.
function gammaFraction(shape: number, at: number): number {
  const tiny = Number.MIN_VALUE / PRECISION;
  let denominator = at + 1 - shape;
  let ratio = 1 / tiny;
  let inverse = 1 / denominator;
  let fraction = inverse;
  for (let step = 1; step < ITERATIONS_MAX; step += 1) {
    const factor = -step * (step - shape);
    denominator += 2;
    inverse = 1 / awayFromZero(factor * inverse + denominator, tiny);
    ratio = awayFromZero(denominator + factor / ratio, tiny);
    fraction *= inverse * ratio;
    if (Math.abs(inverse * ratio - 1) < PRECISION) break;
  }
  return fraction;
}

function awayFromZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** Probability that a normal variable is more than this many deviations above its mean. */
export function normalTail(deviations: number): number {
  const beyond = chiSquareTail(deviations ** 2, 1) / 2;
  return deviations > 0 ? beyond : 1 - beyond;
}

/** Probability that Kolmogorov's variable exceeds the value. */
export function kolmogorovTail(value: number): number {
  // Below, the series converges too slowly, and the probability is 1 to seven digits.
  if (value < 0.3) return 1;
  let sum = 0;
  for (let term = 1; term <= 100; term += 1) {
    const part = Math.exp(-2 * term * term * value * value);
    sum += term % 2 === 1 ? part : -part;
    if (part < PRECISION) break;
  }
  return Math.min(Math.max(2 * sum, 0), 1);
}

/** Halvings after which two doubles are neighbours, nearly. */
const HALVINGS = 60;
const VALUE_MAX = 1e6;

/** The value that a variable exceeds with this probability; `tail` says with which it exceeds a value from 0 on. */
export function valueOfTail(tail: (value: number) => number, probability: number): number {
  let [low, high] = [0, VALUE_MAX];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (tail(middle) > probability) low = middle;
    else high = middle;
  }
  return low;
}
