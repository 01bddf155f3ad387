import { DEVIATIONS_SURE, type Difference, differenceOf } from '../distribution/difference.ts';
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
}

const NULL_SHARE_CHANGE = 0.05;
const INDEX_MAX = 0.1;
/** A value that occurs at least this often is no accident, and neither is the absence of others. */
const ROWS_COMMON = 5;
const NEW_VALUES_NAMED = 5;

/**
 * Compares the profile of a reference with a current one, column by column. Random variation is no change: a column
 * counts as distributed differently when its stability index is above 0.1, and as empty more or less often when one row
 * in twenty is, if chance explains that at most about once in a thousand times.
 *
 * @throws ContractError `profile_outdated` when either was stored by an earlier version.
 */
export function compareProfiles(reference: Profile, current: Profile): readonly ProfileChange[] {
  for (const { version, file } of [reference, current]) {
    if (version !== PROFILE_VERSION) throw outdated(`The profile of ${file}`);
  }
  const before = new Map(reference.columns.map((column) => [column.name, column]));
  const after = new Map(current.columns.map((column) => [column.name, column]));
  const changes: ProfileChange[] = [];
  for (const column of before.keys()) {
    if (!after.has(column)) changes.push({ column, kind: 'removed', sentence: `${column} is gone`, weight: 1 });
  }
  for (const [column, now] of after) {
    const then = before.get(column);
    if (then === undefined) changes.push({ column, kind: 'added', sentence: `${column} is new`, weight: 1 });
    else changes.push(...columnChanges({ then, now, rows: [reference.rows, current.rows] }));
  }
  return changes.sort((a, b) => b.weight - a.weight || a.column.localeCompare(b.column));
}

interface Pair {
  readonly then: ColumnProfile;
  readonly now: ColumnProfile;
  readonly rows: readonly [number, number];
}

function columnChanges(pair: Pair): readonly ProfileChange[] {
  const { then, now } = pair;
  if (then.kind !== now.kind) {
    const sentence = `${now.name} was ${then.kind} and is ${now.kind}`;
    return [{ column: now.name, kind: 'kind', sentence, weight: 1 }];
  }
  const difference = maybeDifference([then, pair.rows[0]], [now, pair.rows[1]]);
  const isDifferent =
    difference !== undefined && difference.stabilityIndex > INDEX_MAX && difference.deviations > DEVIATIONS_SURE;
  return [
    ...nullChange(pair),
    ...(isDifferent ? [distributionChange(pair, difference)] : []),
    ...valueChange(pair, isDifferent),
  ];
}

function nullChange({ then, now, rows: [rowsThen, rowsNow] }: Pair): readonly ProfileChange[] {
  if (rowsThen === 0 || rowsNow === 0) return [];
  const [before, after] = [then.nulls / rowsThen, now.nulls / rowsNow];
  if (Math.abs(after - before) < NULL_SHARE_CHANGE) return [];
  const cells = [
    { reference: then.nulls, current: now.nulls },
    { reference: rowsThen - then.nulls, current: rowsNow - now.nulls },
  ];
  if (differenceOf(cells).deviations <= DEVIATIONS_SURE) return [];
  const sentence = `${now.name} was empty in ${percent(before)} of the rows and is in ${percent(after)}`;
  return [{ column: now.name, kind: 'nulls', sentence, weight: Math.abs(after - before) }];
}

function distributionChange({ then, now }: Pair, { stabilityIndex }: Difference): ProfileChange {
  const means =
    then.numbers && now.numbers ? `: its mean was ${short(then.numbers.mean)} and is ${short(now.numbers.mean)}` : '';
  const sentence = `${now.name} is distributed differently${means} (stability index ${short(stabilityIndex)})`;
  return { column: now.name, kind: 'distribution', sentence, weight: Math.min(1, stabilityIndex) };
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
  return [{ column: now.name, kind: 'values', sentence, weight: 0.5 }];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
