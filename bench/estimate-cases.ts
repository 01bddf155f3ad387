import { seededRandom } from '../src/ml/evaluation/random.ts';

/** Rows with what a model says of them, and what they are. */
export interface Drawn {
  /** Probability of the second class, as an overconfident model has it. */
  readonly scores: Float64Array;
  /** 1 for the second class. */
  readonly actual: Float64Array;
}

/** Windows of a day, in each of which rows are a little harder than in the one before. */
export const DAYS = 10;

const SEED = 5;
/** How far from even the classes of test rows are, and how much less so each day. */
const [SPREAD, LESS_BY_DAY] = [2.4, 0.16];
/** The model is surer than it should be by so much. */
const OVERCONFIDENCE = 1.8;

export const drawReference = (count: number): Drawn => draw(count, { seed: SEED, spread: SPREAD });

export const drawWindow = (day: number, count: number): Drawn =>
  draw(count, { seed: SEED + 1 + day, spread: SPREAD - LESS_BY_DAY * day });

function draw(count: number, { seed, spread }: { readonly seed: number; readonly spread: number }): Drawn {
  const random = seededRandom(seed);
  const scores = new Float64Array(count);
  const actual = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    const logit = spread * (random() + random() + random() - 1.5) * 2;
    scores[row] = 1 / (1 + Math.exp(-OVERCONFIDENCE * logit));
    actual[row] = random() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { scores, actual };
}
