/**
 * Which of many tests are significant after correction for their number (Benjamini and Hochberg). Among them at most
 * `rate` are false on average; when nothing has drifted, at most `rate` of the windows raise any alarm.
 */
export function benjaminiHochberg(pValues: readonly number[], rate: number): readonly boolean[] {
  const sorted = [...pValues].sort((one, other) => one - other);
  const largest = sorted.reduce(
    (passed, pValue, index) => (pValue <= (rate * (index + 1)) / sorted.length ? pValue : passed),
    -1,
  );
  return pValues.map((pValue) => pValue <= largest);
}
