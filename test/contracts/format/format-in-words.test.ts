import { describe, expect, it } from 'vitest';
import { type FileFormat, formatInWords, readCsv, tableText } from '#contracts/browser';

const FORMAT: FileFormat = {
  ...{ delimiter: ';', quote: "'", escape: 'backslash', headerRows: 2, skipLines: 3, comment: '#' },
  ...{ hasTrailingDelimiter: true, blanks: 'trimmed', encoding: 'windows-1252', nulls: ['NA', '-', '?'] },
  ...{ decimal: ',', thousands: '.', dates: ['d. MMMM yyyy', 'dd.MM.yy'], timestamps: ['dd.MM.yyyy h:mm a[:ss]X'] },
  booleans: { true: ['ja'], false: ['nein'] },
};

describe('a format in words', () => {
  it('has a sentence for each setting', () => {
    expect(formatInWords(FORMAT)).toEqual([
      'Between cells stands a semicolon.',
      "Cells are enclosed in ' where they need it.",
      'A backslash makes the character behind it part of a cell.',
      '2 rows name the columns.',
      'The first 3 lines are no part of the table.',
      'Lines that begin with # are no rows.',
      'The last cell of a row is followed by a delimiter too.',
      'Blanks around cells do not count.',
      'NA, - or ? means that there is no value.',
      'Before the fraction of a number stands a comma.',
      'Between groups of three digits may stand a point.',
      'Days are written d. MMMM yyyy or dd.MM.yy.',
      'Dates with a time are written dd.MM.yyyy h:mm a[:ss]X.',
      'ja means true, nein means false.',
      'The encoding is windows-1252, unless a byte order mark says another.',
    ]);
    expect(formatInWords({ quote: null, headerRows: 0, skipLines: 1, blanks: 'skipped', delimiter: '||' })).toEqual([
      'Between cells stands "||".',
      'No cell is in quotes.',
      'No row names the columns: they stand in the order of the contract.',
      'The first line is no part of the table.',
      'Blanks behind delimiters do not count.',
    ]);
  });
});

describe('a table in a format', () => {
  it('has values that are read back by the format', () => {
    const columns = [
      { name: 'id', kind: 'integer' },
      { name: 'amount', kind: 'number' },
      { name: 'day', kind: 'date' },
      { name: 'seen', kind: 'timestamp' },
      { name: 'paid', kind: 'boolean' },
      { name: 'note', kind: 'text' },
    ] as const;
    const row = ['7', '-1234.5', '2026-03-09', '2026-03-09T14:05:59Z', 'true', "a;'b'\\ # "];
    const text = tableText(
      { columns, rows: [row, ['8', '', '', '', 'false', '']] },
      { delimiter: ';', format: FORMAT },
    );
    expect(text.split('\n').slice(3)).toEqual([
      'id;amount;day;seen;paid;note;',
      ';;;;;;',
      "7;-1234,5;9. March 2026;09.03.2026 2:05 PM:59Z;ja;'a;\\'b\\'\\\\ # ';",
      '8;;;;nein;;',
      '',
    ]);
    const kindsOf = () => columns.map(({ kind }) => kind);
    const { header, records } = readCsv(new TextEncoder().encode(`\ufeff${text}`), {
      ...{ delimiterOf: () => ';', format: FORMAT, columns: { kindsOf } },
    });
    expect(header).toEqual(columns.map(({ name }) => name));
    expect(records.map(({ values }) => values)).toEqual([
      ['7', '-1234.5', '2026-03-09', '2026-03-09T14:05:59+00:00', 'true', "a;'b'\\ #"],
      ['8', '', '', '', 'false', ''],
    ]);
  });
});
