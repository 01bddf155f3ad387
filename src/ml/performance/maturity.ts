import type { Queryable } from '#store';
import type { Interval } from '../evaluation/intervals.ts';
import { type IncidenceStep, kaplanMeier, type Observation } from './kaplan-meier.ts';

export interface MaturityQuery {
  readonly model: string;
  /** Predictions made from here on. */
  readonly since: Date;
  readonly now: Date;
}

/** What share of predictions has its label so many minutes after it was made. */
export interface Maturity extends Partial<Interval> {
  readonly afterMinutes: number;
  /** Absent where no prediction is old enough to say. */
  readonly share?: number;
  /** Predictions without a label that were seen for at least as long. */
  readonly atRisk: number;
}

export interface MaturityCurve {
  readonly horizons: readonly Maturity[];
  /** Each time at which the share grows, as far as it is known. */
  readonly steps: readonly Maturity[];
  /** After how long half of the predictions have their label; absent while that is not known. */
  readonly medianMinutes?: number;
}

const [HOUR, DAY] = [60, 1440];

/** In minutes: 1 h, 6 h, 1 d, 2 d, 7 d and 30 d. */
const HORIZONS = [HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY] as const;

// Predictions of one quarter of an hour are seen for the same time: until the youngest of them is as old as that. A label
// that came later is not seen yet, so that all are judged by one rule.
const OBSERVED = `
  with cohorts as (
    select quarter, sum(number) as number, floor(extract(epoch from $3::timestamptz - quarter - interval '15 minutes') / 60)::integer as age
      from performance_quarters where model = $1 and quarter >= $2 and quarter < $3::timestamptz - interval '15 minutes' group by quarter),
  labelled as (
    select c.quarter, d.minutes, d.number from label_delays d join cohorts c on c.quarter = d.quarter
     where d.model = $1 and d.minutes <= c.age)
  select minutes as at, sum(number)::float8 as events, 0 as censored from labelled group by minutes
  union all
  select age, 0, (sum(c.number) - coalesce(sum(l.number), 0))::float8
    from cohorts c left join (select quarter, sum(number) as number from labelled group by quarter) l on l.quarter = c.quarter
   group by age`;

/** The curve of all predictions since a time, by Kaplan and Meier: young predictions cannot have late labels yet. */
export async function labelMaturity(
  queryable: Queryable,
  { model, since, now }: MaturityQuery,
): Promise<MaturityCurve> {
  const seen = await queryable.query<Observation>(OBSERVED, [model, since, now]);
  return toCurve(seen);
}

/** The curve of what was seen. */
export function toCurve(seen: readonly Observation[]): MaturityCurve {
  const steps = kaplanMeier(seen);
  const last = steps.at(-1)?.at ?? 0;
  const median = steps.find(({ share }) => share >= 0.5)?.at;
  return {
    horizons: HORIZONS.map((afterMinutes) => {
      const atRisk = steps.find(({ at }) => at >= afterMinutes)?.atRisk ?? 0;
      // Beyond the oldest prediction nothing is known, unless each has its label.
      const step = steps.findLast(({ at }) => at <= afterMinutes);
      if (step === undefined || (afterMinutes > last && step.share < 1))
        return afterMinutes <= last ? { afterMinutes, share: 0, low: 0, high: 0, atRisk } : { afterMinutes, atRisk };
      return { ...toMaturity(step), afterMinutes, atRisk };
    }),
    steps: steps.filter(({ share }, index) => share > (steps[index - 1]?.share ?? 0)).map(toMaturity),
    ...(median === undefined ? {} : { medianMinutes: median }),
  };
}

function toMaturity({ at, share, low, high, atRisk }: IncidenceStep): Maturity {
  return { afterMinutes: at, share, low, high, atRisk };
}
