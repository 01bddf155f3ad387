import type { Database, Queryable } from '#store';
import type { Metrics } from '../evaluation/evaluation.ts';
import { refreshPerformance } from './refresh.ts';
import { type Estimate, estimateOf, realisedMetrics, SUMS_SQL, type Sums } from './sums.ts';

export interface PerformanceQuery {
  readonly model: string;
  /** First moments of the days, oldest first, and the end of the last one; each at the start of a quarter of an hour. */
  readonly bounds: readonly Date[];
  /** Predictions of this version only. */
  readonly version?: number | undefined;
}

/** How good the predictions of some time were, measured by the labels that came since. */
export interface Performance {
  readonly predictions: number;
  /** Those whose label is known. */
  readonly labelled: number;
  /** Accuracy of classes; RMSE, MAE and mean error of numbers. Empty without labels. */
  readonly metrics: Metrics;
  /** What is expected of all of them; absent where nothing is known of the test rows of their versions. */
  readonly estimate?: Estimate;
  /** The same of those whose label is known, to compare it with `metrics`; absent unless all of these have an estimate. */
  readonly estimateOfLabelled?: Metrics;
}

export interface PerformanceByDay {
  /** One for each day, oldest first. */
  readonly days: readonly Performance[];
  readonly total: Performance;
  /** One for each version that predicted, newest first. */
  readonly versions: readonly (Performance & { readonly version: number })[];
  /** False while labels that came are still being compared with their predictions. */
  readonly isComplete: boolean;
}

const BY_DAY = `
  select width_bucket(quarter, $2::timestamptz[])::integer as day, model_version as version, is_labelled as "isLabelled", ${SUMS_SQL}
    from performance_quarters
   where model = $1 and quarter >= ($2::timestamptz[])[1] and quarter < ($2::timestamptz[])[cardinality($2::timestamptz[])]
     and ($3::integer is null or model_version = $3)
   group by 1, 2, 3`;

/**
 * Metrics of the predictions of a model by the day they were made and by version, from the newest label of each row, with
 * 95 % confidence intervals, and what they are expected to be.
 */
export async function performanceByDay(
  database: Database,
  { model, bounds, version }: PerformanceQuery,
): Promise<PerformanceByDay> {
  const isComplete = await refreshPerformance(database, { withPresent: true });
  const sums = await database.query<Sums & { readonly day: number }>(BY_DAY, [model, [...bounds], version ?? null]);
  const rows = await testRowsOf(database, model);
  const versions = [...new Set(sums.map((each) => each.version))].sort((a, b) => b - a);
  return {
    days: bounds.slice(1).map((_, index) =>
      toPerformance(
        sums.filter(({ day }) => day === index + 1),
        rows,
      ),
    ),
    total: toPerformance(sums, rows),
    versions: versions.map((one) => ({
      version: one,
      ...toPerformance(
        sums.filter((each) => each.version === one),
        rows,
      ),
    })),
    isComplete,
  };
}

/** How many test rows the estimates of each version come from. */
export async function testRowsOf(queryable: Queryable, model: string): Promise<ReadonlyMap<number, number>> {
  const versions = await queryable.query<{ version: number; rows: number }>(
    `select version, (manifest #> '{evaluation,rows}')::integer as rows from model_versions
      where model = $1 and manifest #> '{evaluation,calibration}' is not null`,
    [model],
  );
  return new Map(versions.map(({ version, rows }) => [version, rows]));
}

export function toPerformance(sums: readonly Sums[], rows: ReadonlyMap<number, number>): Performance {
  const known = sums.filter(({ isLabelled }) => isLabelled);
  const labelled = countOf(known);
  const estimate = estimateOf(sums, rows);
  const compared = estimateOf(known, rows);
  return {
    predictions: countOf(sums),
    labelled,
    metrics: realisedMetrics(known),
    ...(estimate === undefined ? {} : { estimate }),
    ...(compared?.predictions === labelled ? { estimateOfLabelled: compared.metrics } : {}),
  };
}

const countOf = (sums: readonly Sums[]): number => sums.reduce((total, { number }) => total + number, 0);
