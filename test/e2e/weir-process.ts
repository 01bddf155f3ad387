import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

/** A Weir started as a person would start it, in a process group of its own. */
export interface WeirProcess {
  readonly url: string;
  readonly output: () => string;
  /** Stops the whole group where it is, until it goes on or is killed. */
  freeze(): void;
  goOn(): void;
  /** Ends the whole group at once, as a power cut would. */
  kill(): Promise<void>;
  /** Ctrl-C. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Sends a signal to the process that was started alone, as an orchestrator does. */
  signal(name: NodeJS.Signals): void;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>;
}

export interface StartOptions {
  readonly cwd: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** A Weir that was started and may not run yet: it can be killed before it does. */
export interface StartedProcess extends Omit<WeirProcess, 'url'> {
  readonly pid: number;
  /** The address, once it is printed. Rejects, with everything printed, when the process ends first. */
  readonly ready: Promise<string>;
}

/** Starts the command and waits for the line that says where it runs. Rejects, with everything printed, when it ends first. */
export async function startWeir(options: StartOptions): Promise<WeirProcess> {
  const { ready, pid: _, ...started } = spawnWeir(options);
  return { ...started, url: await ready };
}

/** Starts the command and waits for nothing. */
export function spawnWeir({ cwd, command, env = {} }: StartOptions): StartedProcess {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: cleanEnvironment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = new Promise<string>((resolve, reject) => {
    const onText = (text: Buffer): void => {
      output += text.toString();
      const found = /Weir is running at (http:\/\/\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`weir ended with ${code} before it ran:\n${output}`)));
  });
  const exited = once(child, 'exit').then(([code]): number | null => code);
  // Whoever waits hears of it; one that kills the process before need not.
  ready.catch(() => undefined);
  return {
    // One that could not be started says so by `ready`.
    ...{ pid: child.pid ?? 0, ready },
    output: () => output,
    freeze: () => signalTree(child, 'SIGSTOP'),
    goOn: () => signalTree(child, 'SIGCONT'),
    kill: () => end(child, 'SIGKILL').then(() => undefined),
    stop: () => end(child, 'SIGINT'),
    signal: (name) => void child.kill(name),
    exited,
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return child.exitCode;
  const exited = once(child, 'exit');
  signalTree(child, signal);
  // One that was frozen hears only what kills it.
  if (signal !== 'SIGKILL') signalTree(child, 'SIGCONT');
  const [code] = await exited;
  return code;
}

/** The group, and with it npm, node and the children that run tasks; the database server lives in a group of its own. */
function signalTree({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

/** The environment of a person: none of the variables that a test runner or npm set. */
export function cleanEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|WEIR_|DATABASE_URL)/i.test(name));
  return { ...Object.fromEntries(kept), ...env };
}

const PATIENCE_MS = 900_000;

/** Asks again until the answer is there; gives up, with `what` was awaited, long after it should have come. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where the database server of a project keeps its data: in the state folder, or, for root, where its account can go. */
export async function postgresFolderOf(project: string): Promise<string> {
  const state = path.join(project, '.weir');
  const elsewhere = await readFile(path.join(state, 'postgres-folder'), 'utf8').catch(() => undefined);
  return elsewhere ?? path.join(state, 'postgres');
}

/** Removes what a project left on the disk: its database, and `folder`, which holds it. */
export async function removeProject(project: string, folder: string): Promise<void> {
  const postgres = await postgresFolderOf(project);
  await rm(folder, { recursive: true, force: true });
  await rm(postgres, { recursive: true, force: true });
}
