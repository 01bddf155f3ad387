// Runs the tests and closes with their count on a line of its own, which tools that read only the end rely on. Without
// filters some of the long files are left out, chosen by the seed; --long runs all long files, --full everything.
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootFolder } from './root-folder.mjs';
import { runInSight } from './run-step.mjs';
import { skippedTests, summaryLine, summaryOf, verdictOf } from './test-summary.mjs';
import { toolCommand } from './tools.mjs';

const SEED_MAX = 2 ** 31;

const passedOn = process.argv.slice(2).filter((arg) => !['--full', '--long'].includes(arg));
if (process.argv.includes('--full')) process.env.TEST_KILLS = 'all';
process.env.TEST_SEED ??= String(randomInt(SEED_MAX));
process.env.TEST_FILES = filesOf(process.argv);
const folder = mkdtempSync(join(tmpdir(), 'weir-test-'));
const resultFile = join(folder, 'result.json');
try {
  const vitest = toolCommand('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${resultFile}`,
    ...passedOn,
  ]);
  const exitCode = await runInSight(vitest, { cwd: rootFolder });
  const report = maybeResult();
  const summary = summaryOf(report, exitCode);
  // A filter on the command line skips on purpose.
  const verdict = verdictOf(summary, { exitCode, mustRunAll: process.env.CI === 'true' && passedOn.length === 0 });
  if (verdict.reason !== undefined) {
    process.stdout.write(`\n${[verdict.reason, ...skippedTests(report)].join('\n  ')}\n`);
  }
  process.stdout.write(`\n${summaryLine(summary)}\n`);
  process.exitCode = verdict.exitCode;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function filesOf(argv) {
  if (argv.includes('--long')) return 'long';
  return argv.includes('--full') || passedOn.length > 0 ? 'all' : 'chosen';
}

function maybeResult() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    // Killed before it could write, or refused to start: the summary counts that as a failure.
    return undefined;
  }
}
