/** Whether what tests need is there, or must be, as in CI. Prints the notice where they are skipped. */
export function canTest(isThere: boolean, notice: string): boolean {
  if (isThere || process.env.CI !== undefined) return true;
  process.stderr.write(`${notice}\n`);
  return false;
}
