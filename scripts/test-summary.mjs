/** Counts what a test run did, from the report of vitest's json reporter and its exit code. */
export function summaryOf(report, exitCode) {
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  // A file that cannot be loaded holds no tests to count, yet it failed.
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const counted = (report?.numFailedTests ?? 0) + brokenFiles;
  // An error outside every test, or a runner that died, shows in the exit code alone. Having found no test is no failure.
  const foundNothing = report !== undefined && passed + skipped + counted === 0;
  const failed = counted === 0 && exitCode !== 0 && !foundNothing ? 1 : counted;
  return { passed, failed, skipped };
}

/** The closing line, in the form that every reader of test logs understands. */
export function summaryLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

/** The full names of the tests that did not run, each with its file: the closing line only counts them. */
export function skippedTests(report) {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => ['pending', 'skipped', 'todo'].includes(status))
      .map(({ fullName }) => `${name}: ${fullName}`),
  );
}

/** Decides the exit code, and gives a reason where the counts alone do not show it. */
export function verdictOf({ passed, failed, skipped }, { exitCode, mustRunAll }) {
  if (failed > 0) return { exitCode: exitCode === 0 ? 1 : exitCode, reason: undefined };
  if (passed === 0) return { exitCode: 1, reason: 'No test ran: the filter matches none, or every test is skipped.' };
  if (mustRunAll && skipped > 0) {
    return { exitCode: 1, reason: 'Tests were skipped. With CI=true every test must run: install what it misses.' };
  }
  return { exitCode: 0, reason: undefined };
}
