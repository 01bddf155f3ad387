import type { Prediction } from '../prediction.ts';

/** How many predictions there are of each class with each confidence, as columns. */
export interface ClassCounts {
  readonly classes: readonly string[];
  /** Whole percent; null where a model gives no probability. */
  readonly confidences: readonly (number | null)[];
  readonly numbers: readonly number[];
}

/** Longest name of a class that is counted, in characters; of a longer one its beginning. */
const CLASS_LENGTH_MAX = 200;

/**
 * Counts predictions of classes as the trigger of the table does. Undefined when there are numbers among them: almost
 * each is one of its own, so the database may as well count them.
 */
export function maybeClassCounts(predictions: readonly Prediction[]): ClassCounts | undefined {
  const counts = new Map<string, Map<number | null, number>>();
  for (const { value, probability } of predictions) {
    if (typeof value === 'number') return undefined;
    const name = shortened(value);
    const ofClass = counts.get(name) ?? new Map<number | null, number>();
    counts.set(name, ofClass);
    const confidence = probability === undefined ? null : roundHalfEven(100 * probability);
    ofClass.set(confidence, (ofClass.get(confidence) ?? 0) + 1);
  }
  const rows = [...counts].flatMap(([name, ofClass]) =>
    [...ofClass].map(([confidence, number]) => ({ name, confidence, number })),
  );
  return {
    classes: rows.map(({ name }) => name),
    confidences: rows.map(({ confidence }) => confidence),
    numbers: rows.map(({ number }) => number),
  };
}

/** As PostgreSQL rounds double precision. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function shortened(value: string): string {
  return value.length <= CLASS_LENGTH_MAX ? value : [...value].slice(0, CLASS_LENGTH_MAX).join('');
}
