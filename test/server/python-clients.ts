import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Where CI installs the clients of other systems. */
const PLACE = fileURLToPath(new URL('../../node_modules/.cache/python-clients/bin/python', import.meta.url));

/** Whether clients in Python can be tested here; CI must. */
export function canTestPythonClients(): boolean {
  const python = process.env.WEIR_TEST_PYTHON ?? PLACE;
  if (existsSync(python)) return true;
  if (process.env.CI === 'true')
    throw new Error(`Expected Python with its clients at ${python}, as .ci/run installs it.`);
  process.stderr.write('The tests of clients in Python are skipped: see .ci/run for how to install them.\n');
  return false;
}

/** Runs a program in Python and returns what it prints, as JSON. */
export async function runPython(program: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.env.WEIR_TEST_PYTHON ?? PLACE, ['-c', program]);
  return JSON.parse(stdout);
}
