import { setImmediate } from 'node:timers/promises';
import {
  type Alias,
  type Explanation,
  type FeatureRow,
  type LoadedModel,
  loadModel,
  type Prediction,
  versionOfAlias,
} from '#ml';
import type { ArtifactDriver, Database } from '#store';
import { ServerError } from '../errors.ts';

export interface Predicted {
  readonly model: string;
  readonly version: number;
  readonly predictions: readonly Prediction[];
  /** The version was champion when last looked up: store only while it still is. Default: false. */
  readonly isAssumed?: boolean;
  /** Predicts more rows with the very model, also when it is no longer kept. */
  readonly more?: (rows: readonly FeatureRow[]) => Promise<readonly Prediction[]>;
}

/** Predicts rows with the champion, or with the given version. Stores nothing. */
export interface Predictor {
  predict(rows: readonly FeatureRow[], options?: PredictOptions): Promise<Predicted>;
  /** Loads a version, as far as it is not loaded; rejects when it cannot be used. */
  readonly load?: (version: number) => Promise<unknown>;
  /** Why a version predicts rows as it does. */
  explain(rows: readonly FeatureRow[], version: number): Promise<readonly Explanation[]>;
}

/** A version by its number, or the challenger of the moment. */
export type AskedVersion = number | 'challenger';

export interface PredictOptions {
  /** The champion unless set. */
  readonly version?: AskedVersion | undefined;
  /** Looks up the champion again. */
  readonly isLookedUp?: boolean;
}

export interface PredictorOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly model: string;
}

const MODELS_KEPT_MAX = 4;
/** Rows predicted before other requests get a turn. */
const ROWS_AT_ONCE = 500;

/**
 * Caches the champion and assumes that it is still current: the statement that stores the predictions confirms it, so
 * that a promotion takes effect with the next request, without an extra round trip. Loaded versions are cached.
 */
export function createPredictor({ database, artifacts, model }: PredictorOptions): Predictor {
  const loaded = new Map<number, Promise<LoadedModel>>();
  const load = (version: number): Promise<LoadedModel> => {
    const known = loaded.get(version) ?? loadModel(database, artifacts, { model, version });
    loaded.delete(version);
    loaded.set(version, known);
    known.catch(() => loaded.delete(version));
    const [oldest] = loaded.keys();
    if (loaded.size > MODELS_KEPT_MAX && oldest !== undefined) loaded.delete(oldest);
    return known;
  };
  const named = (alias: Alias): Promise<number | undefined> => versionOfAlias(database, { model, alias });
  let champion: number | undefined;
  return {
    load,
    predict: async (rows, { version, isLookedUp = false } = {}) => {
      const isAssumed = version === undefined && champion !== undefined && !isLookedUp;
      if (version === undefined && !isAssumed) champion = await named('champion');
      const wanted = version === 'challenger' ? await named(version) : (version ?? champion);
      if (wanted === undefined) throw version === undefined ? championMissing(model) : challengerMissing(model);
      const asked = await load(wanted);
      const more = (others: readonly FeatureRow[]) => predictInTurns(asked, others);
      return { model, version: wanted, predictions: await more(rows), isAssumed, more };
    },
    explain: async (rows, version) => explainInTurns(await load(version), rows),
  };
}

async function predictInTurns(model: LoadedModel, rows: readonly FeatureRow[]): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    if (start > 0) await setImmediate();
    for (const prediction of model.predict(rows.slice(start, start + ROWS_AT_ONCE))) predictions.push(prediction);
  }
  return predictions;
}

async function explainInTurns(model: LoadedModel, rows: readonly FeatureRow[]): Promise<Explanation[]> {
  const explanations: Explanation[] = [];
  for (const row of rows) {
    if (explanations.length > 0) await setImmediate();
    explanations.push(...model.explain([row]));
  }
  return explanations;
}

function championMissing(model: string): ServerError {
  return new ServerError(
    'champion_missing',
    `No version of "${model}" is champion yet. Start the train pipeline, which promotes what it trains when that is good enough: on the Runs page, with \`weir run train\`, or POST /api/pipelines/train/runs.`,
  );
}

function challengerMissing(model: string): ServerError {
  return new ServerError(
    'model_unknown',
    `No version of "${model}" is challenger. Make one challenger on the Models page, or name a version: version=3.`,
  );
}
