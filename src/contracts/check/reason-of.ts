/**
 * The name of a violation in the file of bad rows: `age: in-range`, or the bare name for rules over several columns.
 */
export function reasonOf({
  name,
  expectation,
  column,
}: {
  name?: string;
  expectation?: string;
  column?: string;
}): string {
  const rule = name ?? expectation ?? '';
  return column === undefined ? rule : `${column}: ${rule}`;
}
