/** Pages that are offered at once, besides the first. */
const OFFERED_MAX = 7;

/** Where a page starts: undefined is the start of the list. */
export type Cursors = ReadonlyMap<number, string | undefined>;

/**
 * The pages to offer: the first, and those around the present one of which it is known where they start. A list is read
 * from cursor to cursor, so that none starts at a page nobody has come to.
 */
export function toPageNumbers(page: number, known: Cursors): readonly number[] {
  const numbers = [...new Set([1, page, ...known.keys()])].toSorted((a, b) => a - b);
  const from = Math.max(numbers.indexOf(page) - Math.floor(OFFERED_MAX / 2), 1);
  return [1, ...numbers.slice(from, from + OFFERED_MAX)].filter((each, index, all) => all.indexOf(each) === index);
}

/** `Rows 51 to 100`, of what is on a page. */
export function toPlaceText(page: number, { size, count }: { readonly size: number; readonly count: number }): string {
  if (count === 0) return '';
  const first = (page - 1) * size + 1;
  return `${first.toLocaleString('en-GB')} to ${(first + count - 1).toLocaleString('en-GB')}`;
}
