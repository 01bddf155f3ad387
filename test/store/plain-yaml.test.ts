import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { maybePlainYaml } from '../../src/store/plain-yaml.ts';
import { propertyRuns } from '../kills/choose-kills.ts';

/** What the package reads; undefined for what it refuses. */
function wholeReader(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

const example = (file: string): string =>
  readFileSync(path.join(import.meta.dirname, '../../examples/titanic/config', file), 'utf8');

/** Pieces of lines that look alike and mean different things. */
const PIECES = [
  ...['a', 'b_c', 'key', 'null', 'Null', '~', 'true', 'False', 'no', '__proto__', 'é', '\u00a0', '\u1680'],
  ...['0', '-0', '+1', '007', '12', '1.50', '.5', '5.', '1e3', '0x1f', '0o7', '.inf', '-.nan', '1_000', '2026-01-01'],
  ...['12:30:45', '123456789012345678', '"quoted"', "'it''s'", '"a\\nb"', '"a\\u0041"', '"open', "'open", '"a" b'],
  ...[
    '[]',
    '{}',
    '[a, b]',
    '{a: b}',
    '|',
    '>-',
    '&x',
    '*x',
    '!!str',
    '@',
    '`',
    '%',
    '---',
    '...',
    '<<',
    '?',
    ',',
    '"a"#b',
  ],
];
const START = [
  '',
  '',
  '',
  'a: ',
  'b: ',
  'c:',
  'd:  ',
  '- ',
  '- ',
  '-',
  '-  ',
  '- a: ',
  '- b:',
  '? ',
  ': ',
  '# ',
  'a b: ',
  '"a": ',
];
const END = ['', '', '', '', ' ', ' # said', ' #', '#', ':', ': x', ' - x', '\t', '\r'];
const line = fc
  .tuple(fc.nat(4), fc.constantFrom(...START), fc.constantFrom('', ...PIECES), fc.constantFrom(...END))
  .map(([indent, start, piece, end]) => `${' '.repeat(indent)}${start}${piece}${end}`);
const soup = fc
  .tuple(fc.constantFrom('', 'root:', 'root:\n  a: 1', '# said\nlist:\n- 1', 'a: x'), fc.array(line, { maxLength: 6 }))
  .map(([first, lines]) => [first, ...lines].join('\n'));

const key = fc.oneof(fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/), fc.string({ maxLength: 6 }));
const scalar = fc.oneof(
  fc.constantFrom(...PIECES),
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { document } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('list'), tie('document')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  document: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
}));

describe('the reader of plain YAML', () => {
  it('reads lines of all kinds as the whole reader does, or leaves them to it', () => {
    let read = 0;
    fc.assert(
      fc.property(soup, (text) => {
        const plain = maybePlainYaml(text);
        if (plain === undefined) return;
        read++;
        expect(plain, text).toEqual(wholeReader(text));
      }),
      { numRuns: propertyRuns(20_000) },
    );
    expect(read).toBeGreaterThan(200);
  });

  it('reads what was written as the whole reader does, or leaves it to it', () => {
    fc.assert(
      fc.property(document, fc.constantFrom(40, 120), fc.boolean(), (written, lineWidth, indentSeq) => {
        const text = stringify(written, { lineWidth, indentSeq });
        const plain = maybePlainYaml(text);
        if (plain !== undefined) expect(plain, text).toEqual(wholeReader(text));
      }),
      { numRuns: propertyRuns(1000) },
    );
  });

  it.each(['base.yaml', 'prod.yaml', 'preprod.yaml'])('reads the settings of the example: %s', (file) => {
    const text = example(file);
    expect(maybePlainYaml(text)).toEqual(parse(text));
    expect(maybePlainYaml(text)).toBeDefined();
  });

  it.each([
    ['an anchor', 'a: &x 1\nb: *x'],
    ['a text over lines', 'a: |\n  one\n  two'],
    ['a flow', 'a: [1, 2]'],
    ['a key twice', 'a: 1\na: 2'],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['no mapping', '- a\n- b'],
    ['nothing', ''],
    ['a tab', 'a:\n\tb: 1'],
  ])('leaves %s to the whole reader', (_, text) => {
    expect(maybePlainYaml(text)).toBeUndefined();
  });
});
