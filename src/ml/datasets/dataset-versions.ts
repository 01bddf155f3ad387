import type { Queryable } from '#store';
import { MlError } from '../errors.ts';

/** What one source gave to a dataset version. */
export interface DatasetPart {
  readonly kind: 'sql' | 'files' | 'good-data';
  /** For people: `good-data, last 90 days`. */
  readonly description: string;
  readonly files: number;
  /** Rows in the dataset. */
  readonly rows: number;
  /** Rows that broke the contract and were left out. */
  readonly bad: number;
}

/** A dataset version to record. */
export interface Dataset {
  readonly model: string;
  /** Of the artifact that holds its rows. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** Identity of the contract its rows keep. */
  readonly contract: string;
  readonly rows: number;
  readonly unlabelled: number;
  readonly replaced: number;
  /** Against the version before, by id. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly parts: readonly DatasetPart[];
  readonly runId: string;
}

/** A recorded one; `createdAt` is an ISO time. */
export interface DatasetVersion extends Dataset {
  readonly version: number;
  readonly createdAt: string;
  /** Versions of the model that were trained on it, oldest first. */
  readonly trained: readonly number[];
}

/** Records what a run collected; the same rows are the same version. Returns its number. */
export async function recordDataset(queryable: Queryable, dataset: Dataset): Promise<number> {
  const { model, digest, sizeBytes, contract, rows, unlabelled, replaced, added, removed, changed, parts, runId } =
    dataset;
  const [row] = await queryable.query<{ version: number }>(
    `with known as (select version from dataset_versions where model = $1 and digest = $2),
     recorded as (
       insert into dataset_versions (model, version, digest, size_bytes, contract, rows, unlabelled, replaced, added,
                                     removed, changed, parts, run_id)
       select $1, 1 + coalesce((select max(version) from dataset_versions where model = $1), 0),
              $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12
        where not exists (select from known)
       on conflict do nothing returning version)
     select version from known union all select version from recorded`,
    [
      ...[model, digest, sizeBytes, contract, rows, unlabelled, replaced, added, removed, changed],
      ...[JSON.stringify(parts), runId],
    ],
  );
  // Another run recorded a version in the same moment: this one takes the next number.
  return row?.version ?? recordDataset(queryable, dataset);
}

interface DatasetRow {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly size_bytes: string;
  readonly contract: string;
  readonly rows: string;
  readonly unlabelled: string;
  readonly replaced: string;
  readonly added: string;
  readonly removed: string;
  readonly changed: string;
  readonly parts: readonly DatasetPart[];
  readonly run_id: string;
  readonly created_at: Date;
  readonly trained: readonly number[] | null;
}

const SELECT = `select d.*, (select array_agg(v.version order by v.version) from model_versions v
    where v.model = d.model and v.dataset_version = d.digest) as trained
  from dataset_versions d`;

/** The newest versions of a model's dataset, newest first. */
export async function listDatasets(
  queryable: Queryable,
  { model, limit }: { readonly model: string; readonly limit: number },
): Promise<readonly DatasetVersion[]> {
  const rows = await queryable.query<DatasetRow>(`${SELECT} where d.model = $1 order by d.version desc limit $2`, [
    model,
    limit,
  ]);
  return rows.map(toVersion);
}

/** One version. Throws an MlError `dataset_unknown` when there is none. */
export async function getDataset(
  queryable: Queryable,
  { model, version }: { readonly model: string; readonly version: number },
): Promise<DatasetVersion> {
  const [row] = await queryable.query<DatasetRow>(`${SELECT} where d.model = $1 and d.version = $2`, [model, version]);
  if (row !== undefined) return toVersion(row);
  const newest = await newestDataset(queryable, model);
  throw new MlError(
    'dataset_unknown',
    `There is no dataset version ${version} of ${model}. ${newest === undefined ? 'None was collected yet: start the train pipeline.' : `The newest is ${newest.version}.`}`,
  );
}

/** The version that was collected last; undefined before the first training. */
export async function newestDataset(queryable: Queryable, model: string): Promise<DatasetVersion | undefined> {
  const [newest] = await listDatasets(queryable, { model, limit: 1 });
  return newest;
}

/** Those of the digests that are datasets, which a collection of artifacts must leave. */
export async function datasetDigests(queryable: Queryable, digests: readonly string[]): Promise<readonly string[]> {
  const rows = await queryable.query<{ digest: string }>(
    'select distinct digest from dataset_versions where digest = any($1::text[])',
    [digests],
  );
  return rows.map(({ digest }) => digest);
}

function toVersion(row: DatasetRow): DatasetVersion {
  return {
    model: row.model,
    version: row.version,
    digest: row.digest,
    sizeBytes: Number(row.size_bytes),
    contract: row.contract,
    rows: Number(row.rows),
    unlabelled: Number(row.unlabelled),
    replaced: Number(row.replaced),
    added: Number(row.added),
    removed: Number(row.removed),
    changed: Number(row.changed),
    parts: row.parts,
    runId: row.run_id,
    createdAt: row.created_at.toISOString(),
    trained: row.trained ?? [],
  };
}
