import type { Database } from '#store';
import type { Metric } from '../evaluation/evaluation.ts';
import { championOf } from '../registry/promotions.ts';
import { type Performance, testRowsOf, toPerformance } from './performance.ts';
import { refreshPerformance } from './refresh.ts';
import { SUMS_SQL, type Sums } from './sums.ts';

/** Fewer labels than this say too little: the 95 % interval of an accuracy is wider than 30 points. */
export const LABELS_MIN = 30;

export interface NewestQuery {
  readonly model: string;
  /** How many labels are enough; default `LABELS_MIN`. */
  readonly labels?: number;
  /** How much worse than on its test rows the champion may be, as the gate of training has it. */
  readonly tolerance: number;
  /** Predictions that were made before this time only, with the labels that are known today. */
  readonly until?: Date;
}

/** How the champion did on its newest predictions with labels, beside the gate of training. */
export interface GatedPerformance extends Performance {
  readonly version: number;
  /** When the predictions were made. */
  readonly from: Date;
  readonly to: Date;
  readonly metric: 'accuracy' | 'rmse';
  /** Realised, with its 95 % interval. */
  readonly realised: Metric;
  /** The accuracy to reach, or the RMSE not to exceed: that of the test rows, less the tolerance. */
  readonly gate: number;
  /** `worse` only where the whole interval is on the wrong side of the gate. */
  readonly verdict: 'good enough' | 'worse';
}

// Whole quarters of an hour, the newest first, until they have labels enough.
const NEWEST = `
  with quarters as (
    select quarter, sum(number) filter (where is_labelled) as labelled from performance_quarters
     where model = $1 and model_version = $2 and quarter < $3 group by quarter),
  counted as (select quarter, sum(labelled) over (order by quarter desc) - coalesce(labelled, 0) as before from quarters where labelled > 0)
  select is_labelled as "isLabelled", model_version as version, min(quarter) as "from", max(quarter) + interval '15 minutes' as "to", ${SUMS_SQL}
    from performance_quarters
   where model = $1 and model_version = $2 and quarter < $3
     and quarter >= (select min(quarter) from counted where before < $4)
   group by 1, 2`;

/**
 * Compares the newest predictions of the champion that have so many labels with the gate. Undefined while there is no
 * champion, or fewer labels.
 */
export async function newestPerformance(
  database: Database,
  { model, labels = LABELS_MIN, tolerance, until = new Date(8.64e15) }: NewestQuery,
): Promise<GatedPerformance | undefined> {
  const champion = await championOf(database, model);
  if (champion === undefined) return undefined;
  const { version } = champion;
  await refreshPerformance(database);
  const sums = await database.query<Sums & { readonly from: Date; readonly to: Date }>(NEWEST, [
    ...[model, version, until, labels],
  ]);
  const performance = toPerformance(sums, await testRowsOf(database, model));
  const metric = performance.metrics.accuracy === undefined ? 'rmse' : 'accuracy';
  const realised = performance.metrics[metric];
  const [first] = sums;
  const gate = await gateOf(database, { model, version, metric, tolerance });
  if (realised === undefined || first === undefined || gate === undefined || performance.labelled < labels)
    return undefined;
  const isWorse = metric === 'accuracy' ? (realised.high ?? 1) < gate : (realised.low ?? 0) > gate;
  const from = sums.reduce((min, each) => (each.from < min ? each.from : min), first.from);
  const to = sums.reduce((max, each) => (each.to > max ? each.to : max), first.to);
  return {
    ...performance,
    ...{ version, from, to, metric, realised, gate, verdict: isWorse ? 'worse' : 'good enough' },
  };
}

interface GateQuery {
  readonly model: string;
  readonly version: number;
  readonly metric: GatedPerformance['metric'];
  readonly tolerance: number;
}

async function gateOf(database: Database, { model, version, metric, tolerance }: GateQuery) {
  const [row] = await database.query<{ value: number | null }>(
    "select (metrics -> $3::text -> 'value')::float8 as value from model_versions where model = $1 and version = $2",
    [model, version, metric],
  );
  const value = row?.value ?? undefined;
  if (value === undefined) return undefined;
  return metric === 'accuracy' ? value - tolerance : value * (1 + tolerance);
}
