/** A row of features by column name, with the contract's types. */
export type FeatureRow = Readonly<Record<string, string | number | boolean | null>>;

/** The prediction for one row. `probability` is that of the predicted class; absent for regression. */
export interface Prediction {
  readonly value: string | number;
  readonly probability?: number;
  readonly probabilities?: Readonly<Record<string, number>>;
}

export const SOURCES = ['webapp', 'scheduled', 'api'] as const;
export type Source = (typeof SOURCES)[number];
