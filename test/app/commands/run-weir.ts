import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const main = fileURLToPath(new URL('../../../src/app/main.ts', import.meta.url));
const loader = import.meta.resolve('tsx');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What long work says of itself every few seconds: how many lines there are depends on how busy the machine is. */
const PROGRESS = /^.+: (\d+ %, )?\d+ s\n/gm;

/** Runs the command line as a person does: a process of its own, over the sources, with nothing of Weir in its environment. */
export function runWeir(args: readonly string[], cwd: string): Promise<Ended> {
  const flags = ['--import', loader, '--conditions=weir-source', main, ...args];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WEIR_|DATABASE_)/.test(name)));
  const child = spawn(process.execPath, flags, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, out: texts.out, err: stripVTControlCharacters(texts.err).replace(PROGRESS, '') }),
    );
  });
}

/** A line of a stack trace: never something for the people who run a command. */
export const STACK = /^\s+at .+:\d+:\d+\)?$/m;
