import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { sample } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SNIPPETS } from '../../../src/web/snippets/to-snippets.ts';

const SEED = 20_260_301;
const ROWS = 200;
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom("it's", '"', '\\', '$HOME', '`ls`', "'\\''", '\n', '!', '%', "''", '@file', '\u2028', '__proto__'),
);
const cell = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const rows = sample(fc.dictionary(text, cell, { noNullPrototype: true }), { numRuns: ROWS, seed: SEED });
const QUERY = { version: 3, store: 'false', explain: 'true' } as const;
const origin = 'http://127.0.0.1:8080';
const snippetsOf = (language: keyof typeof SNIPPETS) =>
  rows.map((body) => SNIPPETS[language]({ origin, body, query: QUERY, needsKey: true }));
const asSent = rows.map((row) => JSON.parse(JSON.stringify(row)) as unknown);
const env = { PATH: process.env.PATH, WEIR_API_KEY: 'weir_$key' };

const hasPython = ((): boolean => {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

describe('a snippet to copy', () => {
  it('in curl sends the row, the version and the key, whatever a shell could read in it', () => {
    // In place of the program, which may not be there: what it would be given.
    const script = ['curl() { for each; do printf "%s\\0" "$each"; done; printf "\\0"; }', ...snippetsOf('curl')];
    const given = execFileSync('sh', { input: script.join('\n'), env, maxBuffer: 2 ** 26 })
      .toString()
      .split('\0\0')
      .slice(0, -1)
      .map((each) => each.split('\0'));
    expect(given.map((each) => JSON.parse(each.at(-1) ?? ''))).toEqual(asSent);
    for (const each of given) {
      expect(each.slice(0, -1)).toEqual([
        ...[
          '-s',
          `${origin}/api/v1/predict?version=3&store=false&explain=true`,
          '-H',
          'content-type: application/json',
        ],
        ...['-H', 'authorization: Bearer weir_$key', '--data-raw'],
      ]);
    }
  });

  it.skipIf(!hasPython)('in Python sends the same', () => {
    const start = `import io, urllib.request
def sent(request):
    print(request.data.decode(), request.full_url, request.get_header("Authorization"), sep="\\t")
    return io.StringIO('{"predictions": ""}')
urllib.request.urlopen = sent
`;
    const lines = execFileSync('python3', ['-'], {
      input: start + snippetsOf('Python').join('\n'),
      env,
      maxBuffer: 2 ** 26,
    })
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    const given = lines.map((line) => line.split('\t'));
    expect(given.map(([body = '']) => JSON.parse(body))).toEqual(asSent);
    for (const [, ...others] of given)
      expect(others).toEqual([`${origin}/api/v1/predict?version=3&store=false&explain=true`, 'Bearer weir_$key']);
  });

  it('in TypeScript holds the same', () => {
    const bodies = snippetsOf('TypeScript').map((snippet) => {
      const code = /body: (.*) \}\);\nconsole/s.exec(snippet)?.[1] ?? '';
      return new Function(`return (${code})`)();
    });
    expect(bodies).toEqual(asSent);
    for (const snippet of snippetsOf('TypeScript'))
      expect(snippet).toContain('query: { version: 3, store: "false", explain: "true" }, body');
  });

  it('asks for no key where none is needed', () => {
    for (const snippet of Object.values(SNIPPETS))
      expect(snippet({ origin, body: {}, needsKey: false })).not.toMatch(/KEY|authorization/i);
  });
});
