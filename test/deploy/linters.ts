import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/linters/bin', import.meta.url));

/** Whether the linters of `.ci/linters.txt` are installed, or must be, as in CI. Says so when their tests are skipped. */
export function canLint(): boolean {
  const areThere = ['hadolint', 'kubectl', 'docker-compose'].every((name) => existsSync(path.join(FOLDER, name)));
  if (areThere || process.env.CI !== undefined) return true;
  process.stderr.write(
    'The tests that lint files of deployments are skipped: install .ci/linters.txt into node_modules/.cache/linters, as .ci/run does.\n',
  );
  return false;
}

/** What a linter says; empty when it has nothing to say. It ends with an error when a file is wrong. */
export async function lint(name: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(path.join(FOLDER, name), [...args]);
    // The package of Docker Compose loses its exit code.
    return stdout === '' ? stderr : stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    return `${message}\n${stdout}${stderr}`;
  }
}
