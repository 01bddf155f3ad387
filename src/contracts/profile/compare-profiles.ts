import type { ColumnProfile, Profile } from './profile.ts';
import { stabilityIndex } from './stability-index.ts';

/** What became different between two profiles, the weightiest first. */
export interface ProfileChange {
  readonly column: string;
  readonly kind: 'added' | 'removed' | 'kind' | 'nulls' | 'distribution' | 'values';
  readonly sentence: string;
  /** How much, for ordering: 1 is as weighty as a column that is gone. */
  readonly weight: number;
}

const NULL_SHARE_CHANGE = 0.05;
const INDEX_MAX = 0.1;

/** Compares the profile of a reference with a current one, column by column. */
export function compareProfiles(reference: Profile, current: Profile): readonly ProfileChange[] {
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
  return [...nullChange(pair), ...distributionChange(pair), ...valueChange(pair)];
}

function nullChange({ then, now, rows: [rowsThen, rowsNow] }: Pair): readonly ProfileChange[] {
  if (rowsThen === 0 || rowsNow === 0) return [];
  const [before, after] = [then.nulls / rowsThen, now.nulls / rowsNow];
  if (Math.abs(after - before) < NULL_SHARE_CHANGE) return [];
  const sentence = `${now.name} was empty in ${percent(before)} of the rows and is in ${percent(after)}`;
  return [{ column: now.name, kind: 'nulls', sentence, weight: Math.abs(after - before) }];
}

function distributionChange({ then, now, rows }: Pair): readonly ProfileChange[] {
  const index = stabilityIndex(then, now, rows);
  if (index === undefined || index < INDEX_MAX) return [];
  const means =
    then.numbers && now.numbers ? `: its mean was ${short(then.numbers.mean)} and is ${short(now.numbers.mean)}` : '';
  const sentence = `${now.name} is distributed differently${means} (stability index ${short(index)})`;
  return [{ column: now.name, kind: 'distribution', sentence, weight: Math.min(1, index) }];
}

function valueChange({ then, now }: Pair): readonly ProfileChange[] {
  // Only complete lists can tell that a value is new.
  if (then.top === undefined || now.top === undefined || then.top.length < then.distinct || then.numbers) return [];
  const known = new Set(then.top.map(({ value }) => value));
  const fresh = now.top.filter(({ value }) => !known.has(value)).map(({ value }) => value);
  if (fresh.length === 0) return [];
  return [
    { column: now.name, kind: 'values', sentence: `${now.name} has new values: ${fresh.join(', ')}`, weight: 0.5 },
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
