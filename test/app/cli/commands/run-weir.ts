import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { buildIsCurrent } from '../../../../scripts/prepare/stamps.mjs';
import type { Terminal } from '../../../../src/app/cli/terminal.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
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

/**
 * Runs the command line in this process, as if it had been started in the folder. One at a time: the folder is that of the
 * whole process meanwhile.
 */
export function runWeir(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return runIn(cwd, args, { environment: { ...environment(), ...variables } });
}

/** The same for somebody who types a secret when they are asked for one. */
export function runWeirTyping(secret: string, args: readonly string[], cwd: string): Promise<Ended> {
  return runIn(cwd, args, { environment: environment(), readSecret: async () => secret });
}

async function runIn(
  cwd: string,
  args: readonly string[],
  given: Pick<Terminal, 'environment'> & Partial<Terminal>,
): Promise<Ended> {
  const texts = { out: '', err: '' };
  const terminal: Terminal = {
    readSecret: async () => {
      throw new Error('Expected no question for a secret.');
    },
    isInteractive: false,
    print: (text) => {
      texts.out += text;
    },
    warn: (text) => {
      texts.err += text;
    },
    onSignal: () => () => undefined,
    onUncaughtError: () => undefined,
    ...given,
  };
  const { runCommandLine } = await loadCommandLine();
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return toEnded(await runCommandLine(args, terminal), texts);
  } finally {
    process.chdir(before);
  }
}

interface CommandLine {
  readonly runCommandLine: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** As it was built, when that is current: it loads, and its children start, in a fifth of the time that sources take. */
function loadCommandLine(): Promise<CommandLine> {
  isCurrent ??= buildIsCurrent(repository);
  const file = path.join(repository, isCurrent ? 'dist/app/command-line.js' : 'src/app/command-line.ts');
  return import(pathToFileURL(file).href);
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
