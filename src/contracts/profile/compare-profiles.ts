import type { Verdict } from '../check-result.ts';
import type { Severity } from '../contract.ts';
import { DEVIATIONS_SURE, type Difference, differenceOf } from '../distribution/difference.ts';
import { ContractError } from '../errors.ts';
import { type ColumnProfile, PROFILE_VERSION, type Profile } from './profile.ts';
import { maybeDifference, outdated } from './reference-of.ts';

/** The differences between two profiles, most important first. */
export interface ProfileChange {
  /** Name of the column. */
  readonly column: string;
  /** What changed of it. */
  readonly kind: 'added' | 'removed' | 'kind' | 'nulls' | 'distribution' | 'values';
  /** The change in words. */
  readonly sentence: string;
  /** Importance, for sorting: 1 is as important as a removed column. */
  readonly weight: number;
  /** What it means: a removed column and another kind fail, a new column and new values warn, the rest by thresholds. */
  readonly severity: Severity;
}

/** How large a change must be, beyond what chance explains. A threshold of `fail` is no smaller than its `warn`. */
export interface ChangeThresholds {
  /** Population stability index above which a column counts as distributed differently; 0.1 unless set. */
  readonly indexWarn?: number | undefined;
  /** Population stability index above which that fails; 0.25 unless set. */
  readonly indexFail?: number | undefined;
  /** Change of the share of empty cells from which on it counts, 0 to 1; 0.05 unless set. */
  readonly nullsWarn?: number | undefined;
  /** Change of the share of empty cells from which on it fails, 0 to 1; 0.25 unless set. */
  readonly nullsFail?: number | undefined;
}

const INDEX_WARN = 0.1;
const INDEX_FAIL = 0.25;
const NULLS_WARN = 0.05;
const NULLS_FAIL = 0.25;

/** A value that occurs at least this often is no accident, and neither is the absence of others. */
const ROWS_COMMON = 5;
const NEW_VALUES_NAMED = 5;

/**
 * Compares the profile of a reference with a current one, column by column. Random variation is no change: a column
 * counts as distributed differently when its stability index is above a threshold, and as empty more or less often when
 * the share of empty cells changed by one, if chance explains that at most about once in a thousand times.
 *
 * @throws ContractError `profile_outdated` when either was stored by an earlier version, `thresholds_invalid` for a
 * threshold below 0, or one to fail below the one to warn.
 */
export function compareProfiles(
  reference: Profile,
  current: Profile,
  thresholds: ChangeThresholds = {},
): readonly ProfileChange[] {
  const limits = limitsOf(thresholds);
  for (const { version, file } of [reference, current]) {
    if (version !== PROFILE_VERSION) throw outdated(`The profile of ${file}`);
  }
  const before = new Map(reference.columns.map((column) => [column.name, column]));
  const after = new Map(current.columns.map((column) => [column.name, column]));
  const changes: ProfileChange[] = [];
  for (const column of before.keys()) {
    if (!after.has(column)) changes.push({ column, kind: 'removed', sentence: `${column} is gone`, ...LOST });
  }
  for (const [column, now] of after) {
    const then = before.get(column);
    if (then === undefined)
      changes.push({ column, kind: 'added', sentence: `${column} is new`, weight: 1, severity: 'warn' });
    else changes.push(...columnChanges({ then, now, rows: [reference.rows, current.rows], limits }));
  }
  return changes.sort((a, b) => b.weight - a.weight || a.column.localeCompare(b.column));
}

/** The verdict about all changes: that of the most severe. */
export function verdictOfChanges(changes: readonly ProfileChange[]): Exclude<Verdict, 'quarantined'> {
  if (changes.some(({ severity }) => severity === 'fail')) return 'fail';
  return changes.length > 0 ? 'warn' : 'pass';
}

const LOST = { weight: 1, severity: 'fail' } as const;

type Limits = { readonly [Name in keyof ChangeThresholds]-?: number };

function limitsOf({ indexWarn = INDEX_WARN, nullsWarn = NULLS_WARN, ...fails }: ChangeThresholds): Limits {
  // Who warns late and says nothing of failing does not want to fail before.
  const indexFail = fails.indexFail ?? Math.max(indexWarn, INDEX_FAIL);
  const nullsFail = fails.nullsFail ?? Math.max(nullsWarn, NULLS_FAIL);
  for (const [name, warn, fail] of [
    ['index', indexWarn, indexFail],
    ['nulls', nullsWarn, nullsFail],
  ] as const) {
    if (warn >= 0 && fail >= warn) continue;
    throw new ContractError(
      'thresholds_invalid',
      `Expected ${name}Warn of at least 0 and ${name}Fail of at least ${name}Warn; got ${warn} and ${fail}.`,
    );
  }
  return { indexWarn, indexFail, nullsWarn, nullsFail };
}

interface Pair {
  readonly limits: Limits;
  readonly then: ColumnProfile;
  readonly now: ColumnProfile;
  readonly rows: readonly [number, number];
}

function columnChanges(pair: Pair): readonly ProfileChange[] {
  const { then, now } = pair;
  if (then.kind !== now.kind) {
    const sentence = `${now.name} was ${then.kind} and is ${now.kind}`;
    return [{ column: now.name, kind: 'kind', sentence, ...LOST }];
  }
  const difference = maybeDifference([then, pair.rows[0]], [now, pair.rows[1]]);
  const isDifferent =
    difference !== undefined &&
    difference.stabilityIndex > pair.limits.indexWarn &&
    difference.deviations > DEVIATIONS_SURE;
  return [
    ...nullChange(pair),
    ...(isDifferent ? [distributionChange(pair, difference)] : []),
    ...valueChange(pair, isDifferent),
  ];
}

function nullChange({ then, now, rows: [rowsThen, rowsNow], limits }: Pair): readonly ProfileChange[] {
  if (rowsThen === 0 || rowsNow === 0) return [];
  const [before, after] = [then.nulls / rowsThen, now.nulls / rowsNow];
  const change = Math.abs(after - before);
  if (change < limits.nullsWarn) return [];
  const cells = [
    { reference: then.nulls, current: now.nulls },
    { reference: rowsThen - then.nulls, current: rowsNow - now.nulls },
  ];
  if (differenceOf(cells).deviations <= DEVIATIONS_SURE) return [];
  const sentence = `${now.name} was empty in ${percent(before)} of the rows and is in ${percent(after)}`;
  const severity = change >= limits.nullsFail ? 'fail' : 'warn';
  return [{ column: now.name, kind: 'nulls', sentence, weight: change, severity }];
}

function distributionChange({ then, now, limits }: Pair, { stabilityIndex }: Difference): ProfileChange {
  const means =
    then.numbers && now.numbers ? `: its mean was ${short(then.numbers.mean)} and is ${short(now.numbers.mean)}` : '';
  const sentence = `${now.name} is distributed differently${means} (stability index ${short(stabilityIndex)})`;
  const severity = stabilityIndex > limits.indexFail ? 'fail' : 'warn';
  return { column: now.name, kind: 'distribution', sentence, weight: Math.min(1, stabilityIndex), severity };
}

function valueChange({ then, now }: Pair, isDifferent: boolean): readonly ProfileChange[] {
  // Only complete lists can tell that a value is new.
  if (then.top === undefined || now.top === undefined || then.top.length < then.distinct || then.numbers) return [];
  // When some values are rare, others may have been absent by chance.
  if (!isDifferent && then.top.some(({ rows }) => rows < ROWS_COMMON)) return [];
  const known = new Set(then.top.map(({ value }) => value));
  const fresh = now.top.filter(({ value }) => !known.has(value)).map(({ value }) => value);
  if (fresh.length === 0) return [];
  const more = fresh.length > NEW_VALUES_NAMED ? ` and ${fresh.length - NEW_VALUES_NAMED} more` : '';
  const sentence = `${now.name} has new values: ${fresh.slice(0, NEW_VALUES_NAMED).join(', ')}${more}`;
  return [{ column: now.name, kind: 'values', sentence, weight: 0.5, severity: 'warn' }];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
