import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** New objects get as much memory as `npm start` gives them. */
const AS_NPM_START = '--max-semi-space-size=64';
const repository = fileURLToPath(new URL('..', import.meta.url));

/** A server of what was built, over a copy of a project. */
export interface ServedCopy {
  /** The present one. */
  readonly process: ChildProcess;
  readonly url: string;
  readonly project: string;
  /** Kills it with SIGKILL and starts another at the same address, over what it left. */
  killAndStart(): Promise<void>;
  /** Stops it, does the work while nobody runs over the copy, and starts another with these settings at the same address. */
  restart(work: () => Promise<void>, settings: Readonly<Record<string, string>>): Promise<void>;
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
  const start = (port: string, own = settings): Promise<Started> => serve(copy, port, own);
  let started = await start('0');
  const { url } = started;
  return {
    get process() {
      return started.child;
    },
    ...{ url, project: copy },
    killAndStart: async () => {
      started.child.kill('SIGKILL');
      await started.exited;
      started = await start(new URL(url).port);
    },
    restart: async (work, others) => {
      await stop(started);
      await work();
      started = await start(new URL(url).port, others);
    },
    remove: async () => {
      await stop(started);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly url: string;
}

async function stop({ child, exited }: Started): Promise<void> {
  child.kill('SIGINT');
  await exited;
}

async function serve(project: string, port: string, settings: Readonly<Record<string, string>>): Promise<Started> {
  const child = spawn(process.execPath, [AS_NPM_START, 'bin/weir.mjs', 'serve', '--project', project, '--port', port], {
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
  return { child, exited, url };
}
