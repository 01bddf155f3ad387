import type { Queryable } from '#store';
import type { Metrics } from '../evaluation/evaluation.ts';
import type { NumberDistribution } from '../evaluation/number-distribution.ts';
import { parseManifest } from './manifest.ts';
import { type Alias, promotionsOf } from './promotions.ts';

/** A model with its versions and promotions, newest first; times are ISO strings, as the API shows them. */
export interface ListedModel {
  readonly model: string;
  readonly versions: ListedVersion[];
  readonly promotions: ListedPromotion[];
}

export interface ListedVersion {
  readonly model: string;
  readonly version: number;
  readonly estimator: string;
  readonly aliases: Alias[];
  readonly metrics: Metrics;
  /** Of a model that predicts numbers. */
  readonly distribution?: NumberDistribution;
  readonly trainedOn: { readonly datasetVersion: string; readonly rows: number; readonly features: string[] };
  readonly createdAt: string;
  /** The run that trained it; null when that is not on record. */
  readonly runId: string | null;
}

export interface ListedPromotion {
  readonly alias: Alias;
  readonly version: number;
  readonly previous: number | null;
  readonly actor: string;
  readonly reason: string;
  readonly at: string;
}

interface VersionRow {
  readonly version: number;
  readonly estimator: string;
  readonly manifest: unknown;
  readonly metrics: Metrics;
  readonly created_at: Date;
  readonly runId: string | null;
}

/** Everything the registry knows of one model; empty lists when it knows nothing. */
export async function listModels(queryable: Queryable, model: string): Promise<ListedModel> {
  const rows = await queryable.query<VersionRow>(
    'select version, estimator, manifest, metrics, created_at, run_id::text as "runId" from model_versions where model = $1 order by version desc',
    [model],
  );
  const promotions = await promotionsOf(queryable, model);
  const held = new Map<Alias, number>();
  for (const { alias, version } of promotions) if (!held.has(alias)) held.set(alias, version);
  return {
    model,
    versions: rows.map((row) => toListed(row, { model, held })),
    promotions: promotions.map(({ alias, version, previous, actor, reason, at }) => ({
      alias,
      version,
      previous,
      actor,
      reason,
      at: at.toISOString(),
    })),
  };
}

function toListed(
  row: VersionRow,
  { model, held }: { model: string; held: ReadonlyMap<Alias, number> },
): ListedVersion {
  const { trainedOn, features, evaluation } = parseManifest(row.manifest);
  return {
    model,
    version: row.version,
    estimator: row.estimator,
    aliases: [...held].filter(([, version]) => version === row.version).map(([alias]) => alias),
    metrics: row.metrics,
    ...(evaluation.distribution === undefined ? {} : { distribution: evaluation.distribution }),
    trainedOn: { datasetVersion: trainedOn.datasetVersion, rows: trainedOn.rows, features },
    createdAt: row.created_at.toISOString(),
    runId: row.runId,
  };
}
