type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** Rows as numbers, row-major: `values[row * columns.length + column]`. */
export interface Matrix {
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** NaN where a value is missing, for estimators that ask for it. */
  readonly values: Float64Array;
  /** Positions of the columns whose numbers are codes of categories; none unless set. */
  readonly coded?: readonly number[];
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

/** Where all parts of a training are. */
export interface Meeting {
  /** In the order of the parts. */
  readonly machines: readonly { readonly host: string; readonly port: number }[];
  /** Which of them this one is. */
  readonly rank: number;
  /** 64 hexadecimal digits that the parts know, and nobody else. */
  readonly secret: string;
  /** How long the others are waited for. */
  readonly waitMs: number;
}

/** What a training may use beside its rows. */
export interface FitTools {
  /** An empty folder for files of the training. */
  readonly folder: string;
  /** The library of LightGBM, whose bytes must have the digest; throws where there is none for this platform. */
  readonly lightgbm: () => { readonly file: string; readonly sha256: string };
  /** Set when the rows are one of several parts, each of which is trained on at the same time, to one model. */
  readonly together?: {
    /** How many parts there are. */
    readonly parts: number;
    /** The address of this machine, at which the others reach it. */
    readonly address: string;
    /** Says at which port this part listens, and waits until all parts do. */
    meet(port: number): Promise<Meeting>;
  };
  readonly signal?: AbortSignal;
  readonly log?: (line: string) => void;
}

/** An unfitted recipe. `fit` is deterministic: same matrix, labels and settings, same model, bit for bit. */
export interface Estimator<
  Settings extends { readonly [name: string]: Json } = { readonly [name: string]: Json },
  Fitted extends Model | Promise<Model> = Model | Promise<Model>,
> {
  /** Its name: `knn`. */
  readonly kind: string;
  /** Its settings, with defaults filled in. */
  readonly settings: Settings;
  /**
   * How it reads rows: `dense` (the default), a finite number in each column and a column for each category; or `coded`,
   * NaN where a value is missing and a code for each category.
   */
  readonly reads?: Reading;
  /** Whether parts of the rows can be trained on at several places at once (`tools.together`); not unless set. */
  readonly trainsTogether?: boolean;
  /** Learns a model from rows and their labels. `tools` are for those that train in another process. */
  fit(matrix: Matrix, labels: Labels, tools?: FitTools): Fitted;
  /** Reads back what `Model.payload` wrote. */
  load(payload: Uint8Array): Model;
}

/** How an estimator reads rows. */
export type Reading = 'dense' | 'coded';

/** What an explanation compares rows with, and which columns of the matrix count as one feature. */
export interface ExplainQuestion {
  /** Rows of training, of the same columns. */
  readonly background: Matrix;
  /** Positions of the columns of each feature. */
  readonly groups: readonly (readonly number[])[];
}

/** What each feature adds to the output of each row: its base and its contributions add up to its output. */
export interface Contributions {
  /** What the output is: the number, the probability of the predicted class, or its log-odds against the other classes. */
  readonly of: 'number' | 'probability' | 'log-odds';
  /** Index of the class that is explained, for each row; absent for a number. */
  readonly classes?: Int32Array;
  readonly outputs: Float64Array;
  /** The mean output of the background. */
  readonly bases: Float64Array;
  /** Row-major: `values[row * groups.length + group]`. */
  readonly values: Float64Array;
  /** Whether these are the Shapley values themselves, not an estimate of them. */
  readonly isExact: boolean;
}

/**
 * A fitted thing. For classification `predict` gives one probability per class and row (row-major), for regression one
 * number per row.
 */
export interface Model {
  readonly label: LabelKind;
  predict(matrix: Matrix): Float64Array;
  /** Contributions by a formula, where the estimator has one; those of the others are sampled. */
  explain?(matrix: Matrix, question: ExplainQuestion): Contributions;
  payload(): Uint8Array;
}
