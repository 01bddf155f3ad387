/** A row of features by column name, as the contract types it. */
export type FeatureRow = Readonly<Record<string, string | number | boolean | null>>;

/** What a model says of one row. `probability` is that of the predicted class; absent for regression. */
export interface Prediction {
  readonly value: string | number;
  readonly probability?: number;
  readonly probabilities?: Readonly<Record<string, number>>;
}

export const SOURCES = ['webapp', 'scheduled', 'api'] as const;
export type Source = (typeof SOURCES)[number];
