/** The names of columns that several rows name, one above the other: joined with a blank, without what is empty. */
export function joinedNames(rows: readonly (readonly string[])[]): readonly string[] {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return only;
  const length = Math.max(...rows.map((row) => row.length));
  return Array.from({ length }, (_, at) =>
    rows
      .map((row) => (row[at] ?? '').trim())
      .filter((part) => part !== '')
      .join(' '),
  );
}
