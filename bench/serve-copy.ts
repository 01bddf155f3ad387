import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** A server of what was built, over a copy of a project. */
export interface ServedCopy {
  readonly process: ChildProcess;
  readonly url: string;
  readonly project: string;
  /** Stops it and removes the copy. */
  remove(): Promise<void>;
}

/** Starts `weir serve` over a copy of the project in the scratch folder, with a database of its own; settings are variables. */
export async function serveCopy(
  project: string,
  scratch: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServedCopy> {
  const folder = mkdtempSync(path.join(scratch, 'served-'));
  const copy = path.join(folder, path.basename(project));
  cpSync(path.join(repository, project), copy, { recursive: true });
  const args = ['bin/weir.mjs', 'serve', '--project', copy, '--port', '0'];
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
      const found = /Weir is running at (http:\/\/\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`weir ended before it ran:\n${output}`)));
  });
  const remove = async (): Promise<void> => {
    child.kill('SIGINT');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { process: child, url, project: copy, remove };
}
