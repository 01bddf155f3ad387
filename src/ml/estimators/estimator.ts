type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** Rows as numbers, row-major: `values[row * columns.length + column]`. */
export interface Matrix {
  readonly columns: readonly string[];
  readonly rowCount: number;
  readonly values: Float64Array;
}

/** What is predicted: one of two or more classes, or a number. */
export type LabelKind =
  | { readonly kind: 'classification'; readonly classes: readonly string[] }
  | { readonly kind: 'regression' };

/** Labels of a training part: class indexes for classification, numbers for regression. */
export interface Labels {
  readonly label: LabelKind;
  readonly values: Float64Array;
}

/** An unfitted recipe. `fit` is deterministic: same matrix, labels and settings, same model, bit for bit. */
export interface Estimator<Settings extends { readonly [name: string]: Json } = { readonly [name: string]: Json }> {
  /** Its name: `knn`. */
  readonly kind: string;
  /** Its settings, with defaults filled in. */
  readonly settings: Settings;
  /** Learns a model from rows and their labels. */
  fit(matrix: Matrix, labels: Labels): Model;
  /** Reads back what `Model.payload` wrote. */
  load(payload: Uint8Array): Model;
}

/**
 * A fitted thing. For classification `predict` gives one probability per class and row (row-major), for regression one
 * number per row.
 */
export interface Model {
  readonly label: LabelKind;
  predict(matrix: Matrix): Float64Array;
  payload(): Uint8Array;
}
