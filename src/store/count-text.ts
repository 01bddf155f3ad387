/** A whole number with its thousands apart, `1,200`. `toLocaleString` loads 10 ms of tables at its first use. */
export const groupDigits = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');

/** A count in words, the plural where it wants it: `1 row`, `1,200 rows`. */
export function toCountText(count: number, singular: string, plural = `${singular}s`): string {
  return `${groupDigits(count)} ${count === 1 ? singular : plural}`;
}
