import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileFormat } from '../../../src/contracts/format/file-format.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { STRUCTURES } from './random-format.ts';
import { readForm } from './read-form.ts';
import { type Table, writeTable } from './write-table.ts';

const TEXTS = [
  'a',
  'B c',
  '1,5',
  'x;y',
  'q"r',
  "o'n",
  '«z»',
  'é|→',
  '\\',
  'a\\b',
  '#1',
  '--',
  '§',
  '::',
  '',
  ' ',
  'long '.repeat(9),
];
const BROKEN_LINES = ['two\nlines', 'crlf\r\nwithin'];

const CASES = fc.record({
  format: STRUCTURES,
  columns: fc.integer({ min: 1, max: 5 }),
  rows: fc.array(
    fc.array(fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...BROKEN_LINES), fc.string()), {
      minLength: 5,
      maxLength: 5,
    }),
    { maxLength: 8 },
  ),
  options: fc.record({
    lineEnd: fc.constantFrom('\n', '\r\n'),
    quoteEvery: fc.constantFrom(0, 1, 3),
    blanks: fc.constantFrom('', ' ', '  \t'),
    commentEvery: fc.constantFrom(0, 2),
    endsWithLine: fc.boolean(),
  }),
  pieces: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
});

/** The cells that a format can write, and reading trims nothing of; others are written as a plain text. */
function writable(cell: string, format: FileFormat): string {
  const { delimiter = ',', quote = '"', escape: escaping = 'doubled', comment, blanks = 'kept' } = format;
  const isText = !/\p{Surrogate}/u.test(cell) && !/[\0\r]/.test(cell.replaceAll('\r\n', ''));
  const isTrimmed = blanks === 'trimmed' && cell !== cell.replace(/^[ \t]+|[ \t]+$/g, '');
  const plain = escaping === 'backslash' ? cell.replaceAll('\\', '') : cell;
  const isBare = quote !== null || (!/\r/.test(cell) && (escaping === 'backslash' || !/\n/.test(cell)));
  const isWhole =
    quote !== null ||
    (!hasMark(plain, delimiter) &&
      (comment === undefined || !plain.startsWith(comment)) &&
      cell !== '' &&
      !(blanks !== 'kept' && /^[ \t]/.test(cell)));
  return isText && !isTrimmed && isBare && isWhole ? cell : 'plain';
}

/** Also half of a delimiter at the end of a cell, which the real one would complete. */
function hasMark(cell: string, delimiter: string): boolean {
  const [first = ''] = delimiter;
  return cell.includes(first);
}

describe('a table that is written in a format', () => {
  it('is read back with the same cells and lines, in pieces of any length', () => {
    let cells = 0;
    const property = fc.property(CASES, ({ format, columns, rows, options, pieces }) => {
      const names = Array.from({ length: columns }, (_, at) => `First${at} name${at} of${at}`);
      const table: Table = {
        names,
        rows: rows.map((row) => row.slice(0, columns).map((cell) => writable(cell, format))),
      };
      const file = Buffer.from(writeTable(table, format, options));
      const read = readForm(file, format, { names, pieces, kinds: names.map(() => 'text' as const) });
      expect(read.rejected).toEqual([]);
      expect(read.rows.map(({ fields }) => fields)).toEqual(table.rows);
      if (table.rows.length > 0 || (format.headerRows ?? 1) > 0) expect(read.header).toEqual(names);
      const whole = readForm(file, format, { names, kinds: names.map(() => 'text' as const) });
      expect(read).toEqual(whole);
      const lines = file.toString().split('\n');
      for (const { line, fields } of read.rows) {
        const [start = ''] = /[a-zA-Z]+/.exec(fields.join(' ')) ?? [];
        const rest = lines.slice(line - 1).join('\n');
        expect(rest).toContain(start);
      }
      cells += table.rows.length * columns;
    });
    const runs = propertyRuns(2000);
    fc.assert(property, { numRuns: runs, seed: 20261130 });
    expect(cells).toBeGreaterThan(runs);
  });
});
