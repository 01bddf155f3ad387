import { createReadStream } from 'node:fs';

/** Lines that end with a line feed and nothing else: `readline` also ends them at U+2028, which JSON leaves in texts. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const block of createReadStream(file, 'utf8')) {
    const [first = '', ...others] = String(block).split('\n');
    rest += first;
    const last = others.pop();
    if (last === undefined) continue;
    yield rest;
    yield* others;
    rest = last;
  }
  if (rest !== '') yield rest;
}
