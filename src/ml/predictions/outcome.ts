/** What really happened to a row, beside what was predicted for it. */
export interface Outcome {
  /** The newest label: a class as text, or a number. */
  readonly actual: string | number;
  /** When it was so, as the sender of the label says. */
  readonly observedAt: string;
  /** Of a class: whether it was predicted. */
  readonly isCorrect?: boolean;
  /** Of a number: the predicted minus the actual value. */
  readonly error?: number;
}

interface Label {
  readonly actual: string | number | boolean;
  readonly observedAt: Date;
}

/** Compares a prediction with the label of its row. A number is an error apart; classes are compared as texts. */
export function outcomeOf(prediction: string | number, { actual, observedAt }: Label): Outcome {
  const observed = { observedAt: observedAt.toISOString() };
  if (typeof prediction === 'string') {
    const text = String(actual);
    return { actual: text, ...observed, isCorrect: text === prediction };
  }
  // A contract whose label became a class later may have left such labels.
  if (typeof actual !== 'number') return { actual: String(actual), ...observed };
  return { actual, ...observed, error: prediction - actual };
}
