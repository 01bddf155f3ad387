import { type Difference, differenceOf } from '../distribution/difference.ts';
import { rowsUpTo } from '../distribution/number-bins.ts';
import {
  categoryBinRows,
  numberBinRows,
  numberBins,
  numberReference,
  type Reference,
} from '../distribution/reference.ts';
import { ContractError } from '../errors.ts';
import type { ColumnProfile } from './profile.ts';

/** When not all values are listed, those below this share may be listed for one file and not for another. */
const NAMED_SHARE_MIN = 0.01;

/**
 * The distribution of a profiled column, for `nearReference()`; undefined for a column without values, for fewer than
 * twenty different numbers, and for very many texts none of which is frequent.
 *
 * @throws ContractError `profile_outdated` for a column of numbers that an earlier version summarised.
 */
export function referenceOf(column: ColumnProfile, rows: number): Reference | undefined {
  const filled = rows - column.nulls;
  if (filled <= 0) return undefined;
  if (column.numbers !== undefined) {
    if (column.numbers.bins === undefined) throw outdated(`The profile of the column ${column.name}`);
    const reference = numberReference(column.numbers.bins);
    return numberBins(reference).rows.length < 2 ? undefined : reference;
  }
  const { top = [], distinct } = column;
  const named = top.length === distinct ? top : top.filter((value) => value.rows >= filled * NAMED_SHARE_MIN);
  if (named.length === 0) return undefined;
  return {
    kind: 'category',
    rows: filled,
    shares: Object.fromEntries(named.map((each) => [each.value, each.rows / filled])),
  };
}

/**
 * How a column differs from the same column of a reference, both of the same kind; undefined when either has too few
 * values.
 */
export function maybeDifference(
  [then, rowsThen]: readonly [ColumnProfile, number],
  [now, rowsNow]: readonly [ColumnProfile, number],
): Difference | undefined {
  const reference = referenceOf(then, rowsThen);
  const rows = rowsNow - now.nulls;
  if (reference === undefined || rows <= 0) return undefined;
  if (reference.kind === 'number') {
    const bins = now.numbers?.bins;
    if (bins === undefined) return undefined;
    return differenceOf(numberBinRows(reference, { rows, upTo: (value) => rowsUpTo(bins, value) }));
  }
  if (now.top === undefined) return undefined;
  const counts = new Map(now.top.map((value) => [value.value, value.rows]));
  return differenceOf(categoryBinRows(reference, { rows, counts }));
}

export function outdated(what: string): ContractError {
  const message = `${what} was made by an earlier version of Weir and lacks the counts that comparisons need. Profile the file again.`;
  return new ContractError('profile_outdated', message);
}
