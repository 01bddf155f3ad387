import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { buildIsCurrent } from '../../../scripts/prepare/stamps.mjs';
import { runCommandLine } from '../../../src/app/command-line.ts';
import type { Terminal } from '../../../src/app/terminal.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const program = path.join(repository, 'bin/weir.mjs');
let isCurrent: boolean | undefined;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What long work says of itself every few seconds: how many lines there are depends on how busy the machine is. */
const PROGRESS = /^.+: (\d+ %, )?\d+ s\n/gm;
const toEnded = (code: number | null, { out, err }: { readonly out: string; readonly err: string }): Ended => ({
  ...{ code, out, err: stripVTControlCharacters(err).replace(PROGRESS, '') },
});

/** The environment of a person: nothing of Weir. */
const environment = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WEIR_|DATABASE_)/.test(name)));

/** What starts processes for tasks: those of what was built start in a fifth of the time that those of sources take. */
const STARTS_TASKS: readonly string[] = ['run', 'backfill', 'verify'];

/** Runs the command line in this process or, if it starts processes itself, as one. */
export async function runWeir(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const startsTasks = STARTS_TASKS.includes(args[0] ?? '') && !args.includes('--dry-run');
  return startsTasks ? spawnCommand(args, cwd, variables) : runHere(args, cwd, variables);
}

/**
 * Runs the command line in this process, as if it had been started in the folder. One at a time: the folder is that of the
 * whole process meanwhile. For what starts no task: refusals, and what another Weir is asked for.
 */
export async function runHere(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const texts = { out: '', err: '' };
  const terminal: Terminal = {
    environment: { ...environment(), ...variables },
    isInteractive: false,
    print: (text) => {
      texts.out += text;
    },
    warn: (text) => {
      texts.err += text;
    },
    onSignal: () => () => undefined,
    onUncaughtError: () => undefined,
  };
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return toEnded(await runCommandLine(args, terminal), texts);
  } finally {
    process.chdir(before);
  }
}

/** Runs it as a person does, in a process of its own, from what was built. */
export function spawnCommand(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  isCurrent ??= buildIsCurrent(repository);
  if (!isCurrent)
    throw new Error('Expected "dist" to be built from the present sources. Run "npm run build", or "npm test".');
  const child = spawn(process.execPath, [program, ...args], {
    ...{ cwd: path.resolve(cwd), env: { ...environment(), ...variables }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(toEnded(code, texts)));
  });
}

/** A line of a stack trace: never something for the people who run a command. */
export const STACK = /^\s+at .+:\d+:\d+\)?$/m;
