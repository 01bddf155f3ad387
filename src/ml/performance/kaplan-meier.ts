import { type Interval, logLogInterval } from '../evaluation/intervals.ts';

/** What was seen of some subjects at one time: how many had their event, and how many were last seen without it. */
export interface Observation {
  readonly at: number;
  readonly events: number;
  readonly censored: number;
}

/** The share that has its event by a time, with its 95 % interval, and how many were still without it before. */
export interface IncidenceStep extends Interval {
  readonly at: number;
  readonly share: number;
  readonly atRisk: number;
}

/**
 * The share of subjects that has its event by each time, where some are seen for a shorter time than others: E. L. Kaplan
 * and P. Meier, "Nonparametric estimation from incomplete observations", Journal of the American Statistical Association
 * 53 (1958) 457–481; its variance by Greenwood's formula. One step for each time that was seen, in order. Who is last
 * seen at the time of an event could still have had it.
 */
export function kaplanMeier(observations: readonly Observation[]): IncidenceStep[] {
  const times = new Map<number, { events: number; censored: number }>();
  let atRisk = 0;
  for (const { at, events, censored } of observations) {
    const seen = times.get(at) ?? { events: 0, censored: 0 };
    times.set(at, { events: seen.events + events, censored: seen.censored + censored });
    atRisk += events + censored;
  }
  let without = 1;
  let variance = 0;
  return [...times]
    .sort(([a], [b]) => a - b)
    .map(([at, { events, censored }]) => {
      const before = atRisk;
      if (before > 0) {
        without *= (before - events) / before;
        variance += events === 0 ? 0 : events / (before * (before - events));
      }
      atRisk -= events + censored;
      const { low, high } = logLogInterval(without, variance);
      return { at, share: 1 - without, low: 1 - high, high: 1 - low, atRisk: before };
    });
}
