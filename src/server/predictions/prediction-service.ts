import type { StoredPrediction } from '#api';
import { type Contract, maybeColumnWithRole } from '#contracts';
import type { Source } from '#ml';
import { ServerError } from '../errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../options.ts';
import { rowReader } from './contract-rows.ts';
import { type PredictAndStoreOptions, predictAndStore } from './predict-and-store.ts';

export interface PredictionServiceOptions extends Omit<PredictAndStoreOptions, 'timeColumn'> {
  /** Absent in a project without a model. */
  readonly contract?: Contract | undefined;
  readonly limits?: Pick<Limits, 'predictionRows' | 'predictionRowsAtOnce' | 'problemsListed'>;
}

/** Rows to predict as they came, and how. */
export interface PredictionRequest {
  /** One row or a list of rows. */
  readonly body: unknown;
  readonly source: Source;
  /** The champion, unless a version is named. */
  readonly version?: number | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Checks rows by the contract, predicts them and stores the predictions: what the API does, and scheduled predictions. */
export interface PredictionService {
  predict(request: PredictionRequest): Promise<StoredPrediction[]>;
}

export function createPredictionService({
  contract,
  limits = DEFAULT_LIMITS,
  ...options
}: PredictionServiceOptions): PredictionService {
  const read = contract && rowReader(contract, limits);
  const answer = predictAndStore({ ...options, timeColumn: contract && maybeColumnWithRole(contract, 'time') });
  let rowsAtOnce = 0;
  return {
    predict: async ({ body, source, version, idempotencyKey }) => {
      if (read === undefined) throw new ServerError('model_absent');
      const { rows, identities } = read(body);
      if (rowsAtOnce + rows.length > limits.predictionRowsAtOnce) throw overloaded(rowsAtOnce);
      rowsAtOnce += rows.length;
      try {
        return await answer({ rows, identities, source, version, request: idempotencyKey });
      } finally {
        rowsAtOnce -= rows.length;
      }
    },
  };
}

function overloaded(rows: number): ServerError {
  return new ServerError(
    'overloaded',
    `${rows} rows are being predicted already. Send smaller requests, or try again.`,
  );
}
