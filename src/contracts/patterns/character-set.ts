import { circleOf, foldingBetween } from './unicode.ts';

/** Code points, as ranges with both ends, in order, that neither overlap nor touch: from, to, from, to. */
export type CharacterSet = readonly number[];

export const CODE_POINT_MAX = 0x10ffff;
export const ANYTHING: CharacterSet = [0, CODE_POINT_MAX];

const RANGE_STEP = 2 ** 21;

/** What is in any of the sets, whose ranges may be in any order. */
export function union(...sets: readonly CharacterSet[]): CharacterSet {
  // Both ends in one number: classes of Unicode have hundreds of ranges, and numbers are sorted ten times as fast as pairs.
  const ranges = new Float64Array(sets.reduce((sum, set) => sum + set.length / 2, 0));
  let filled = 0;
  for (const set of sets)
    for (let at = 0; at < set.length; at += 2) ranges[filled++] = (set[at] ?? 0) * RANGE_STEP + (set[at + 1] ?? 0);
  const merged: number[] = [];
  for (const range of ranges.sort()) {
    const to = range % RANGE_STEP;
    const from = (range - to) / RANGE_STEP;
    const last = merged.length - 1;
    if (last >= 0 && from <= (merged[last] ?? 0) + 1) merged[last] = Math.max(merged[last] ?? 0, to);
    else merged.push(from, to);
  }
  return merged;
}

/** What is not in the set. */
export function complement(set: CharacterSet): CharacterSet {
  const outside: number[] = [];
  let next = 0;
  for (let at = 0; at < set.length; at += 2) {
    const from = set[at] ?? 0;
    if (next < from) outside.push(next, from - 1);
    next = (set[at + 1] ?? 0) + 1;
  }
  if (next <= CODE_POINT_MAX) outside.push(next, CODE_POINT_MAX);
  return outside;
}

/** The set, and what differs from its characters in case alone. */
export function folded(set: CharacterSet): CharacterSet {
  const more: number[] = [];
  for (let at = 0; at < set.length; at += 2) {
    for (const letter of foldingBetween(set[at] ?? 0, set[at + 1] ?? 0)) {
      for (const other of circleOf(letter)) more.push(other, other);
    }
  }
  return more.length === 0 ? set : union(set, more);
}

export function has(set: CharacterSet, codePoint: number): boolean {
  for (let at = 0; at < set.length; at += 2) {
    if (codePoint >= (set[at] ?? 0) && codePoint <= (set[at + 1] ?? 0)) return true;
  }
  return false;
}
