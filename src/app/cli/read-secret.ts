import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { UsageError } from '../project/errors.ts';

const ENTER = ['\r', '\n'];
/** Ctrl-C and Ctrl-D. */
const ENDS = ['\u0003', '\u0004'];
const BACKSPACES = ['\b', '\u007f'];

/** Reads a secret: from a terminal without echo, else the first line of the input. */
export async function readSecret(question: string, stdin: Readable | ReadStream = process.stdin): Promise<string> {
  return 'setRawMode' in stdin && stdin.isTTY ? readHidden(stdin, question) : readLine(stdin);
}

async function readLine(input: Readable): Promise<string> {
  for await (const line of createInterface({ input })) return line;
  throw new UsageError('usage_invalid', 'Expected a password as a line of standard input; the input was empty.');
}

/** In raw mode the terminal shows nothing of what is typed, and Ctrl-C is a key. */
function readHidden(stdin: ReadStream, question: string): Promise<string> {
  process.stderr.write(question);
  stdin.setRawMode(true).setEncoding('utf8').resume();
  return new Promise((resolve, reject) => {
    let typed: readonly string[] = [];
    const end = (then: () => void): void => {
      stdin.off('data', take).setRawMode(false).pause();
      process.stderr.write('\n');
      then();
    };
    const take = (keys: string | Buffer): void => {
      for (const key of String(keys)) {
        if (ENTER.includes(key)) end(() => resolve(typed.join('')));
        else if (ENDS.includes(key)) end(() => reject(nothingTyped()));
        else typed = BACKSPACES.includes(key) ? typed.slice(0, -1) : [...typed, key];
        if (ENTER.includes(key) || ENDS.includes(key)) break;
      }
    };
    stdin.on('data', take);
  });
}

const nothingTyped = (): UsageError =>
  new UsageError('usage_invalid', 'Expected a password; the input ended. Nothing was changed.');
