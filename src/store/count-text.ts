/** A count in words, the plural where it wants it: `1 row`, `1,200 rows`. */
export function toCountText(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}
