import { z } from 'zod';
import { type ListSort, type PagedList, type Queryable, readPage } from '#store';
import { MlError } from '../errors.ts';
import { labelSql } from '../labels/read.ts';
import type { Source } from '../prediction.ts';
import { PREDICTION_COLUMNS, type PredictionRow, type StoredPrediction, toStored } from './stored.ts';

export interface PastQuery {
  readonly from?: Date;
  readonly toExclusive?: Date;
  readonly source?: Source;
  /** All versions of a model by its name, or one version: `churn@1`. */
  readonly model?: string;
  /** Predictions for one row of a model. */
  readonly row?: { readonly model: string; readonly id: string };
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
  readonly sort?: PastSort | undefined;
  /** Words that the row, its prediction or its model contains. */
  readonly search?: string | undefined;
}

export type PastSort = ListSort<'made'>;

// No index but that of the time covers every prediction, and each one more would slow down every prediction that is made.
const PREDICTIONS: PagedList<'made'> = {
  name: 'past predictions',
  table: 'predictions',
  columns: PREDICTION_COLUMNS,
  id: { sql: 'id', type: 'bigint' },
  orders: { made: { sql: 'at', type: 'timestamptz' } },
  sort: '-made',
  text: "concat_ws(' ', id, row_id, prediction #>> '{}', source, model || '@' || model_version, features::text)",
};

export interface PastPage {
  readonly items: StoredPrediction[];
  readonly nextCursor: string | null;
  /** How many match on all pages; only on the first page. */
  readonly total?: Total;
}

/** Exact up to `COUNTED_MAX`, beyond it the planner's estimate. */
export interface Total {
  readonly count: number;
  readonly isEstimate: boolean;
}

// Counting this many takes some milliseconds by any of the indexes.
const COUNTED_MAX = 10_000;

const VERSIONS_NAMED_MAX = 10;

/**
 * Stored predictions a page at a time, newest first unless they are sorted, with what really happened where it is known;
 * new rows never shift a page. Throws an MlError `model_unknown` where nothing is found for a model that the registry does not know.
 */
export async function pastPredictions(queryable: Queryable, query: PastQuery): Promise<PastPage> {
  const { sort = PREDICTIONS.sort, search, cursor, limit } = query;
  const direction = sort.startsWith('-') ? 'desc' : 'asc';
  const { items, nextCursor } = await readPage<PredictionRow, 'made'>(queryable, PREDICTIONS, {
    request: { ...conditionsOf(query), sort, search, cursor, limit },
    around: (page) => `select page.*, label.value as actual, label.observed_at from (${page}) as page
      left join lateral (${labelSql('page')}) as label on true order by at ${direction}, id ${direction}`,
  });
  if (items.length === 0 && query.model !== undefined) await assertKnown(queryable, query.model);
  const page = { items: items.map(toStored), nextCursor };
  // How many rows a search finds is not known before all were looked through.
  const isCounted = query.cursor === undefined && (query.search ?? '') === '';
  return isCounted ? { ...page, total: await totalOf(queryable, query) } : page;
}

async function totalOf(queryable: Queryable, query: PastQuery): Promise<Total> {
  const { where, values } = conditionsOf(query);
  const all = `select from predictions ${where.length === 0 ? '' : `where ${where.join(' and ')}`}`;
  const [counted] = await queryable.query<{ count: number }>(
    `select count(*)::integer as count from (${all} limit ${COUNTED_MAX + 1}) as counted`,
    values,
  );
  const count = counted?.count ?? 0;
  if (count <= COUNTED_MAX) return { count, isEstimate: false };
  const [explained] = await queryable.query<{ 'QUERY PLAN': unknown }>(`explain (format json) ${all}`, values);
  const estimate = PLAN.parse(explained?.['QUERY PLAN'])[0].Plan['Plan Rows'];
  return { count: Math.max(count, estimate), isEstimate: true };
}

const PLAN = z.tuple([z.object({ Plan: z.object({ 'Plan Rows': z.number() }) })]);

interface Conditions {
  readonly where: readonly string[];
  readonly values: readonly unknown[];
}

function conditionsOf({ from, toExclusive, source, model, row }: PastQuery): Conditions {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (sql: (...places: string[]) => string, ...given: unknown[]): void => {
    conditions.push(sql(...given.map((_, index) => `$${values.length + index + 1}`)));
    values.push(...given);
  };
  if (from !== undefined) add((place) => `at >= ${place}::timestamptz`, from);
  if (toExclusive !== undefined) add((place) => `at < ${place}::timestamptz`, toExclusive);
  if (source !== undefined) add((place) => `source = ${place}`, source);
  if (model !== undefined) {
    const { name, version } = parseModel(model);
    add((place) => `model = ${place}`, name);
    if (version !== undefined) add((place) => `model_version = ${place}::integer`, version);
  }
  if (row !== undefined)
    add((modelPlace, idPlace) => `(model = ${modelPlace} and row_id = ${idPlace})`, row.model, row.id);
  return { where: conditions, values };
}

// PostgreSQL's integer has at most ten digits, and not all of those.
const VERSION = /^(?<name>.+)@(?<version>\d{1,9})$/;

function parseModel(model: string): { readonly name: string; readonly version?: number } {
  const { name, version } = VERSION.exec(model)?.groups ?? {};
  return name === undefined ? { name: model } : { name, version: Number(version) };
}

/** A mistyped model must not look like one without predictions. */
async function assertKnown(queryable: Queryable, model: string): Promise<void> {
  const { name, version } = parseModel(model);
  const [predicted] = await queryable.query(
    'select from predictions where model = $1 and ($2::integer is null or model_version = $2::integer) limit 1',
    [name, version ?? null],
  );
  if (predicted !== undefined) return;
  const versions = await queryable.query<{ version: number }>(
    'select version from model_versions where model = $1 order by version desc',
    [name],
  );
  if (versions.some((known) => version === undefined || known.version === version)) return;
  const known = versions.slice(0, VERSIONS_NAMED_MAX).map((one) => `${name}@${one.version}`);
  throw new MlError(
    'model_unknown',
    `There is no model ${JSON.stringify(model)}. Expected ${known.length === 0 ? 'the name of a model, such as churn, or of a version, such as churn@3' : `${name} or one of ${known.join(', ')}`}.`,
  );
}
