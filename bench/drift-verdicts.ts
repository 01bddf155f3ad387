import { type ColumnValues, type DriftReport, evaluateDrift, sampleOf, sustainedDrift } from '#monitor';
import { seeded } from '../src/contracts/corrupt/random.ts';
import { type DrawnColumn, type DriftCase, type DriftColumn, draw, windowsOf } from './drift-cases.ts';

/** In how many windows anything was called drift. */
export interface Alarms {
  readonly windows: number;
  readonly alarms: number;
}

/** Floors of zero: what the tests do alone. */
export const NO_FLOORS = { effectMin: { distribution: 0, missing: 0, 'new-category': 0 } } as const;

type Side = 'reference' | 'current';

function valuesOf(columns: readonly DriftColumn[], rows: readonly Float64Array[]): Record<string, ColumnValues> {
  const entries = columns.map(({ kind }, at): [string, ColumnValues] => {
    const values = [...(rows[at] ?? [])];
    return [`x${at}`, kind === 'number' ? { kind, values } : { kind, values: values.map((value) => `c${value}`) }];
  });
  return Object.fromEntries(entries);
}

/** The columns of one side as a project would give them. */
export function columnsOf(
  columns: readonly DriftColumn[],
  drawn: readonly DrawnColumn[],
  side: Side,
): Record<string, ColumnValues> {
  return valuesOf(
    columns,
    drawn.map((column) => column[side]),
  );
}

/** The verdict on a window, by the defaults or others. */
export function verdictOn(
  columns: readonly DriftColumn[],
  drawn: readonly DrawnColumn[],
  options?: Parameters<typeof evaluateDrift>[1],
): DriftReport {
  const reference = sampleOf(columnsOf(columns, drawn, 'reference'));
  const current = sampleOf(columnsOf(columns, drawn, 'current'));
  return evaluateDrift({ reference, current }, options);
}

/** Windows called drift, with the floors under the effect and without. */
export function countAlarms(each: DriftCase, seed: number): { readonly alone: Alarms; readonly usual: Alarms } {
  let [alone, usual] = [0, 0];
  for (const drawn of windowsOf(each, seed)) {
    const { scores, isDrifted } = verdictOn(each.columns, drawn);
    if (isDrifted) usual += 1;
    if (scores.some(({ pValue, pValueMax }) => pValue <= pValueMax)) alone += 1;
  }
  const { windows } = each;
  return { alone: { windows, alarms: alone }, usual: { windows, alarms: usual } };
}

/**
 * How often drift is called sustained when nothing drifts: for each reference so many windows in a row, the tests alone,
 * so that what one unlucky reference does to all of its windows is counted.
 */
export function countSustained(
  each: DriftCase,
  { k, n, seed }: { readonly k: number; readonly n: number; readonly seed: number },
): { readonly single: Alarms; readonly sustained: Alarms } {
  const random = seeded(seed).next;
  let [single, sustained] = [0, 0];
  for (let at = 0; at < each.windows; at += 1) {
    const rows = (count: number) =>
      sampleOf(
        valuesOf(
          each.columns,
          each.columns.map((column) => draw(random, { column, count })),
        ),
      );
    const reference = rows(each.m);
    const reports = Array.from({ length: n }, () => evaluateDrift({ reference, current: rows(each.n) }, NO_FLOORS));
    if (reports.at(-1)?.isDrifted === true) single += 1;
    if (sustainedDrift(reports, { k, n }).length > 0) sustained += 1;
  }
  const { windows } = each;
  return { single: { windows, alarms: single }, sustained: { windows, alarms: sustained } };
}

export function shareOf({ alarms, windows }: Alarms): string {
  return `${((100 * alarms) / windows).toFixed(1)} %`;
}
