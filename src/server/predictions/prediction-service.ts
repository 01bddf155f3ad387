import type { MadePrediction } from '#api';
import { type Contract, maybeColumnWithRole } from '#contracts';
import type { Source } from '#ml';
import { ServerError } from '../errors.ts';
import { inTurns } from '../in-turns.ts';
import { DEFAULT_LIMITS, type Limits } from '../options.ts';
import { type ContractRows, rowReader } from './contract-rows.ts';
import { type PredictEffects, REAL_EFFECTS } from './dated-rows.ts';
import { explainPredictions } from './explain-predictions.ts';
import { type PredictAndStoreOptions, type PredictionCall, predictAndStore } from './predict-and-store.ts';
import { predictOnly } from './predict-only.ts';
import type { AskedVersion, Predictor } from './predictor.ts';

export type PredictionLimits = Pick<
  Limits,
  'predictionRows' | 'predictionRowsAtOnce' | 'problemsListed' | 'explainedRows'
>;

export interface PredictionServiceOptions extends Omit<PredictAndStoreOptions, 'timeColumn' | 'predictor'> {
  readonly predictor: Predictor;
  /** Absent in a project without a model. */
  readonly contract?: Contract | undefined;
  readonly limits?: PredictionLimits;
}

/** How rows are to be predicted. */
export interface PredictionChoice {
  readonly source: Source;
  /** The champion, unless a version is named. */
  readonly version?: AskedVersion | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Default: true. */
  readonly isStored?: boolean;
  /** Whether each prediction comes with its explanation. Default: false. */
  readonly isExplained?: boolean;
}

/** Rows to predict as they came, and how. */
export interface PredictionRequest extends PredictionChoice, Pick<PredictionCall, 'onPart'> {
  /** One row or a list of rows. */
  readonly body: unknown;
}

/** Rows that were checked already, and how to predict them. */
export interface CheckedRequest extends PredictionChoice, ContractRows, Pick<PredictionCall, 'onPart'> {
  /** When they had arrived, by the monotonic clock. */
  readonly startedMs: number;
}

/** Checks rows by the contract, predicts them and stores the predictions: what the API does, and scheduled predictions. */
export interface PredictionService {
  predict(request: PredictionRequest): Promise<MadePrediction[]>;
  /** For rows that are checked elsewhere, and bounded there. */
  predictChecked(request: CheckedRequest): Promise<MadePrediction[]>;
}

export function createPredictionService(
  { contract, limits = DEFAULT_LIMITS, ...options }: PredictionServiceOptions,
  effects: PredictEffects = REAL_EFFECTS,
): PredictionService {
  const read = contract && rowReader(contract, limits);
  const given = { ...options, timeColumn: contract && maybeColumnWithRole(contract, 'time') };
  const [store, predict] = [predictAndStore(given, effects), predictOnly(given, effects)];
  const explain = explainPredictions(given, effects);
  const answer = async ({ idempotencyKey, isStored = true, ...asked }: CheckedRequest): Promise<MadePrediction[]> => {
    const call = { ...asked, version: asked.version, request: idempotencyKey };
    const predictions = await (isStored ? store(call) : predict(call));
    return asked.isExplained === true ? explain(predictions) : predictions;
  };
  let rowsAtOnce = 0;
  return {
    predict: async ({ body, ...choice }) => {
      if (read === undefined) throw new ServerError('model_absent');
      const startedMs = effects.monotonicMs();
      assertChoice(choice);
      const { rows, ...known } = await inTurns(read(body));
      if (choice.isExplained === true && rows.length > limits.explainedRows)
        throw tooManyExplained(rows.length, limits.explainedRows);
      if (rowsAtOnce + rows.length > limits.predictionRowsAtOnce) throw overloaded(rowsAtOnce);
      rowsAtOnce += rows.length;
      try {
        return await answer({ ...choice, rows, ...known, startedMs });
      } finally {
        rowsAtOnce -= rows.length;
      }
    },
    predictChecked: answer,
  };
}

/** Refuses what cannot be asked for together. */
export function assertChoice({ isStored = true, idempotencyKey }: PredictionChoice): void {
  if (isStored || idempotencyKey === undefined) return;
  throw new ServerError(
    'request_invalid',
    'Expected no idempotency-key with store=false: without stored predictions no answer can be repeated. Leave out one of the two.',
  );
}

function tooManyExplained(rows: number, rowsMax: number): ServerError {
  return new ServerError(
    'request_invalid',
    `Expected at most ${rowsMax} rows with explain=true; got ${rows}. Send fewer rows, or send them as a stream (application/x-ndjson).`,
  );
}

function overloaded(rows: number): ServerError {
  return new ServerError(
    'overloaded',
    `${rows} rows are being predicted already. Send smaller requests, or try again.`,
  );
}
