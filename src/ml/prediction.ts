/** A row of features by column name, with the contract's types. */
export type FeatureRow = Readonly<Record<string, string | number | boolean | null>>;

/** The prediction for one row. `probability` is that of the predicted class; absent for regression. */
export interface Prediction {
  readonly value: string | number;
  readonly probability?: number;
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** Which row it is, beside its features: the values of the columns with roles id and time. */
export interface RowIdentity {
  /** The id as text. */
  readonly rowId?: string | undefined;
  readonly rowTime?: Date | undefined;
}

/** Longest id of a row, in characters: its index takes no entry of more than 2,704 bytes. */
export const ROW_ID_LENGTH_MAX = 500;

export const SOURCES = ['webapp', 'scheduled', 'api'] as const;
export type Source = (typeof SOURCES)[number];
