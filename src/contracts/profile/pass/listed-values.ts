import type { ColumnKind } from '../../contract.ts';
import { ALONE_MAX } from '../../distribution/number-bins.ts';
import type { Listed } from '../column-profile.ts';
import { LISTED_CHARACTERS_MAX, LISTED_MAX, LISTED_PARTS, TOP_VALUES } from '../limits.ts';
import { isNumeric, isText } from '../value-kinds.ts';
import { nameOf, toNumber } from './value-names.ts';

const SECOND_US = 1_000_000;

/** All different values of a column, with how often they occur. */
export interface CountedValues {
  readonly kind: ColumnKind;
  readonly words: BigInt64Array;
  readonly counts: Uint32Array;
  /** Of texts, which are not in their words. */
  readonly texts: readonly string[];
}

/** The values that a profile lists: the most frequent first, of those the smallest. */
export function listedValues({ kind, words, counts, texts }: CountedValues): Listed {
  const distinct = counts.length;
  if (distinct === 0) return { distinct: 0, top: null };
  const cells = counts.reduce((sum, count) => sum + count, 0);
  const most = isNumeric(kind) ? ALONE_MAX : LISTED_MAX;
  const values = Array.from(counts, (rows, index) => {
    const word = words[index] ?? 0n;
    return { rows, sort: sortOf(kind, word), word, index };
  });
  const isOften = (rows: number): boolean => !isNumeric(kind) && rows * LISTED_PARTS >= cells;
  // Where only frequent ones are listed, the others need no order and no name.
  const least = distinct <= most ? 0 : (counts.toSorted().at(-TOP_VALUES) ?? 0);
  const candidates = values.filter(({ rows }) => rows >= least || isOften(rows));
  const named = candidates.map(({ rows, sort, word, index }) => {
    const value = isText(kind) ? (texts[index] ?? '') : nameOf(kind, word);
    return { rows, sort, value, bytes: Buffer.from(value) };
  });
  named.sort((a, b) => b.rows - a.rows || a.sort - b.sort || Buffer.compare(a.bytes, b.bytes));
  const top = named
    .filter(({ rows }, rank) => distinct <= most || rank < TOP_VALUES || isOften(rows))
    .filter(({ value }) => value.length <= LISTED_CHARACTERS_MAX || [...value].length <= LISTED_CHARACTERS_MAX)
    .map(({ value, rows }) => ({ value, rows }));
  return { distinct, top: top.length === 0 ? null : top };
}

/** Numbers and moments in their own order; the others by their texts. */
function sortOf(kind: ColumnKind, word: bigint): number {
  if (isNumeric(kind)) return toNumber(word);
  if (kind === 'timestamp') return Number(word) / SECOND_US;
  return kind === 'date' ? Number(word) : 0;
}
