import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchOptions } from './suite.ts';

const run = promisify(execFile);
const PEERS = fileURLToPath(new URL('./peers/', import.meta.url));

/** Python of a virtual environment with the peers in their pinned versions; undefined, with a notice, when it cannot be had. */
export async function maybePython(
  { folder, say }: Pick<BenchOptions, 'folder' | 'say'>,
  pins = 'requirements.txt',
): Promise<string | undefined> {
  const requirements = path.join(PEERS, pins);
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const environment = path.join(folder, `python-${digest}`);
  const python = path.join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const ready = path.join(environment, 'ready');
  if (existsSync(ready)) return python;
  try {
    say('making the virtual environment of the Python peers (some minutes, once)');
    await run('python3', ['-m', 'venv', environment]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { maxBuffer: 1 << 26 });
    writeFileSync(ready, '');
    return python;
  } catch (error) {
    say(`the Python peers are skipped: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`);
    return undefined;
  }
}

/** The path of a peer's script. */
export function peerScript(name: string): string {
  return path.join(PEERS, `${name}.py`);
}
