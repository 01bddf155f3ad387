/** Rows in files of the training, as 64-bit numbers of this machine: row-major, and a label for each row. */
export interface RowsFile {
  readonly rows: string;
  readonly labels: string;
  readonly rowCount: number;
}

/** How the parts of one training find each other. */
export interface Network {
  /** The program of the thread that holds the connections. */
  readonly program: string;
  /** The address of this machine, on which alone it listens. */
  readonly address: string;
}

/** What the child is asked to train. */
export interface TrainRequest {
  readonly library: string;
  /** Parameters as LightGBM reads them: `objective=binary num_leaves=31`. */
  readonly parameters: string;
  readonly width: number;
  readonly training: RowsFile;
  /** The rows that decide when to stop. */
  readonly validation?: RowsFile;
  /** Ends after so many trees without a better score on the validation rows. */
  readonly patience: number;
  readonly iterations: number;
  /** By which factor rows of each class count; all count as one unless set. */
  readonly classWeights?: readonly number[];
  readonly seed: number;
  readonly network?: Network;
  /** Where to write the text of the model. */
  readonly into: string;
}

/** What the child says: how far it is, and how it ended. */
export type TrainMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'iteration'; readonly done: number; readonly score?: number }
  | { readonly kind: 'trained'; readonly iterations: number; readonly best: number }
  | { readonly kind: 'failed'; readonly step: 'load' | 'meet' | 'train'; readonly message: string };
