import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../../scripts', import.meta.url));
const load = (file: string) => import(pathToFileURL(path.join(scripts, file)).href);

// The scripts are plain JavaScript; these are the shapes the tests rely on.
interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
const {
  skippedTests,
  summaryOf,
  summaryLine,
  verdictOf,
}: {
  skippedTests: (report: object | undefined) => readonly string[];
  summaryOf: (report: object | undefined, exitCode: number) => Summary;
  summaryLine: (summary: Summary) => string;
  verdictOf: (
    summary: Summary,
    run: { exitCode: number; mustRunAll: boolean },
  ) => { exitCode: number; reason?: string };
} = await load('test-summary.mjs');
const { lockProblems }: { lockProblems: (lock: object) => readonly string[] } = await load('lock-problems.mjs');
const { commitShares }: { commitShares: (commits: readonly (readonly string[])[]) => object } =
  await load('commit-shares.mjs');
const { runStep }: { runStep: (name: string, command: object) => Promise<{ code: number; output: string }> } =
  await load('run-step.mjs');

describe('the closing line of the tests', () => {
  const report = (counts: object, files: readonly object[] = []) => ({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: files,
    ...counts,
  });

  it('counts what passed, failed and was skipped', () => {
    const summary = summaryOf(report({ numPassedTests: 7, numFailedTests: 2, numPendingTests: 1, numTodoTests: 3 }), 1);
    expect(summaryLine(summary)).toBe('7 passed, 2 failed, 4 skipped');
    expect(summaryLine({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
  });

  it('counts a file that could not be loaded as one failure, and one with failed tests by its tests', () => {
    const files = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    expect(summaryOf(report({ numPassedTests: 1, numFailedTests: 1 }, files), 1)).toEqual({
      passed: 1,
      failed: 2,
      skipped: 0,
    });
  });

  it('counts an error outside every test, and a runner that died, as one failure', () => {
    expect(summaryOf(report({ numPassedTests: 5 }), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
    expect(summaryOf(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('ends well only when something ran and nothing failed', () => {
    const run = { exitCode: 0, mustRunAll: false };
    expect(verdictOf({ passed: 1, failed: 0, skipped: 1 }, run).exitCode).toBe(0);
    expect(verdictOf({ passed: 1, failed: 1, skipped: 0 }, run).exitCode).toBe(1);
    expect(verdictOf({ passed: 0, failed: 0, skipped: 0 }, run)).toMatchObject({
      exitCode: 1,
      reason: expect.stringContaining('No test ran'),
    });
    expect(verdictOf({ passed: 0, failed: 0, skipped: 9 }, run).exitCode).toBe(1);
  });

  it('lets nothing be skipped where all must run', () => {
    const verdict = verdictOf({ passed: 8, failed: 0, skipped: 1 }, { exitCode: 0, mustRunAll: true });
    expect(verdict.exitCode).toBe(1);
    expect(verdict.reason).toContain('every test must run');
  });

  it('names what was skipped', () => {
    const test = (fullName: string, status: string) => ({ fullName, status });
    const files = [
      { name: 'a.test.ts', assertionResults: [test('runs', 'passed'), test('waits', 'pending')] },
      { name: 'b.test.ts', assertionResults: [test('leaves out', 'skipped'), test('fails', 'failed')] },
    ];
    expect(skippedTests(report({}, files))).toEqual(['a.test.ts: waits', 'b.test.ts: leaves out']);
    expect(skippedTests(undefined)).toEqual([]);
  });
});

describe('npm test', () => {
  const test = path.join(scripts, 'test.mjs');
  const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

  it('closes with the count on a line of its own', async () => {
    const { stdout } = await run(process.execPath, [test, 'examples/titanic/people.test.ts']);
    expect(lastLine(stdout)).toMatch(/^\d+ passed, 0 failed$/);
    expect(lastLine(stdout)).not.toMatch(/^0 /);
  });

  it('fails when its filter matches no test, and still closes with the count', async () => {
    const nothing = run(process.execPath, [test, 'examples/titanic/people.test.ts', '-t', 'no test has this name']);
    const { stdout } = await nothing.then(
      () => expect.unreachable('it must fail'),
      (error: { stdout: string }) => error,
    );
    expect(lastLine(stdout)).toMatch(/^0 passed, 0 failed, \d+ skipped$/);
    expect(stdout).toContain('No test ran');
  });
});

describe('the check of the lock', () => {
  const entry = { version: '1.0.0', integrity: 'sha512-x' };

  it('is content with a lock that has all platform packages and no hosts', () => {
    expect(
      lockProblems({
        packages: {
          '': { name: 'weir', optionalDependencies: { 'tool-linux': '1.0.0' } },
          'node_modules/tool': { ...entry, optionalDependencies: { 'tool-linux': '1.0.0', 'tool-mac': '1.0.0' } },
          'node_modules/tool-linux': entry,
          'node_modules/tool/node_modules/tool-mac': entry,
        },
      }),
    ).toEqual([]);
  });

  it('finds a platform package that is missing, or there in another version only', () => {
    const problems = lockProblems({
      packages: {
        'node_modules/tool': { ...entry, optionalDependencies: { 'tool-linux': '1.0.0', 'tool-mac': '1.0.0' } },
        'node_modules/tool-linux': { ...entry, version: '0.9.0' },
        'node_modules/other/node_modules/tool-mac': entry,
      },
    });
    expect(problems).toEqual([
      expect.stringContaining('node_modules/tool 1.0.0 wants tool-linux 1.0.0'),
      expect.stringContaining('node_modules/tool 1.0.0 wants tool-mac 1.0.0'),
    ]);
  });

  it('finds an entry that npm left empty because the version was never published', () => {
    const packages = {
      'node_modules/tool': { ...entry, optionalDependencies: { 'tool-mac': '1.0.0' } },
      'node_modules/tool-mac': { optional: true },
    };
    expect(lockProblems({ packages })[0]).toContain('wants tool-mac');
  });

  it('finds where a package came from, and one without a digest', () => {
    const packages = {
      'node_modules/a': { ...entry, resolved: 'https://somewhere/a.tgz' },
      'node_modules/b': { version: '1.0.0' },
    };
    expect(lockProblems({ packages })).toEqual([
      'node_modules/a 1.0.0 names where it came from: https://somewhere/a.tgz',
      'node_modules/b 1.0.0 has no integrity digest',
    ]);
  });
});

describe('the shares of commits', () => {
  it('count commits that stay in one file and the files that take part in most, leaving out those that change no source', () => {
    expect(commitShares([['a'], ['a', 'b'], [], ['a'], ['c']])).toEqual({
      commits: 4,
      oneFileShare: 0.75,
      busiest: [
        { file: 'a', share: 0.75 },
        { file: 'b', share: 0.25 },
        { file: 'c', share: 0.25 },
      ],
    });
  });
});

describe('a step', () => {
  it('resolves with the exit code and what was printed, whatever happens to the command', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weir-step-'));
    try {
      const script = path.join(folder, 'a.mjs');
      writeFileSync(script, "console.log('out'); console.error('err'); process.exit(3);");
      const failed = await runStep('step', { command: process.execPath, args: [script] });
      expect(failed.code).toBe(3);
      expect(failed.output).toContain('out');
      expect(failed.output).toContain('err');
      const killed = await runStep('step', {
        command: process.execPath,
        args: ['-e', "process.kill(process.pid, 'SIGKILL')"],
      });
      expect(killed.code).toBe(1);
      const missing = await runStep('step', { command: path.join(folder, 'missing'), args: [] });
      expect(missing).toMatchObject({ code: 1, output: expect.stringContaining('ENOENT') });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
