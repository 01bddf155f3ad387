import { describe, expect, it } from 'vitest';
import { COLUMN_KINDS } from '../../../src/contracts/contract.ts';
import { maybeValue } from '../../../src/contracts/kinds/cell-value.ts';
import { asTyped, convertCell, convertRow, convertTable } from '../../../src/web/csv/convert.ts';
import { COLUMNS, makeColumn } from '../columns.ts';

const TEXTS = [
  '1',
  '01',
  '-0',
  '1.',
  '.5',
  '1.5',
  '1e3',
  '+2',
  '1.0',
  '0.0',
  'TRUE',
  'False',
  'yes',
  'no',
  ' 1',
  '1,5',
  'Infinity',
]
  .concat(
    '9007199254740993',
    '1e400',
    '2024-02-29',
    '2026-02-29',
    '1900-02-29',
    '2000-02-29',
    '0000-01-01',
    '2026-13-01',
  )
  .concat(
    '2026-04-31',
    '2026-03-01T00:00:00Z',
    '2026-03-01 00:00:00.000',
    '2026-03-01T00:00Z',
    '2026-03-01T23:59:59.123456789',
  )
  .concat(
    '2026-03-01T24:00:00Z',
    '2026-03-01T12:00:00+14:59',
    '2026-03-01T12:00:00+15:00',
    '2026-02-30 12:00',
    'a text',
  );

describe('converting a cell by its column', () => {
  it.each([
    ['number', '1.5', 1.5],
    ['number', '-2e3', -2000],
    ['integer', '42', 42],
    ['integer', '3.0', 3],
    ['integer', '1e3', 1000],
    ['boolean', 'True', true],
    ['boolean', '1.0', true],
    ['boolean', '0', false],
    ['text', ' kept ', ' kept '],
    ['date', '2026-02-28', '2026-02-28'],
    ['date', '2026-02-28 00:00:00', '2026-02-28'],
    ['timestamp', '2026-01-31T09:30:00Z', '2026-01-31T09:30:00Z'],
    ['timestamp', '2026-01-31 09:30+02:00', '2026-01-31 09:30+02:00'],
  ] as const)('takes %s %j as %j', (kind, text, value) => {
    expect(convertCell(text, makeColumn({ name: 'x', kind }))).toEqual({ kind: 'value', value });
  });

  it.each([
    ['number', 'NaN'],
    ['number', 'Infinity'],
    ['number', '1_000'],
    ['number', '1,5'],
    ['number', '0x10'],
    ['integer', '1.5'],
    ['integer', '9007199254740993'],
    ['number', ' 1 '],
    ['boolean', 'yes'],
    ['boolean', 'maybe'],
    ['date', '2026-02-31'],
    ['date', '31.01.2026'],
    ['date', '2026-02-28T00:00:01Z'],
    ['date', '0000-01-01'],
    ['timestamp', 'yesterday'],
    ['timestamp', '2026-02-31T09:30:00Z'],
    ['timestamp', '2026-01-31T24:00:00Z'],
    ['timestamp', '2026-01-31T09:30:00+15:00'],
  ] as const)('refuses %s %j', (kind, text) => {
    expect(convertCell(text, makeColumn({ name: 'x', kind }))).toMatchObject({
      kind: 'problem',
      field: 'x',
      got: `"${text}"`,
    });
  });

  it.each(COLUMN_KINDS)('reads a %s as a check of files does', (kind) => {
    const column = makeColumn({ name: 'x', kind, ...(kind === 'category' ? { categories: TEXTS } : {}) });
    for (const text of TEXTS) {
      const found = convertCell(text, column);
      expect([text, found.kind === 'value' ? found.value : undefined]).toEqual([text, maybeValue(kind, text)]);
    }
  });

  it('counts the characters of a text, not what they are stored in', () => {
    const column = makeColumn({ name: 'x', kind: 'text', lengthMin: 2, lengthMax: 3 });
    const isTaken = (text: string): boolean => convertCell(text, column).kind === 'value';
    expect(['\u{1f600}', '\u{1f600}\u{1f600}', 'abc', 'abcd'].map(isTaken)).toEqual([false, true, true, false]);
  });

  it('takes what is typed without the space around it, except in texts', () => {
    const columns = [makeColumn({ name: 'n', kind: 'number' }), makeColumn({ name: 't', kind: 'text' })];
    expect(asTyped({ n: ' 1 ', t: ' kept ' }, columns)).toEqual({ n: '1', t: ' kept ' });
    expect(asTyped({ t: '  ' }, columns)).toEqual({ n: '', t: '' });
  });

  it('takes an empty cell as null only where that is allowed', () => {
    expect(convertCell('', makeColumn({ name: 'x', kind: 'number', nullable: true }))).toEqual({
      kind: 'value',
      value: null,
    });
    expect(convertCell('', makeColumn({ name: 'x', kind: 'number' }))).toMatchObject({
      kind: 'problem',
      got: 'nothing',
    });
  });

  it('says the range, both ends included', () => {
    const age = makeColumn({ name: 'age', kind: 'integer', min: 0, max: 100 });
    expect(convertCell('100', age)).toEqual({ kind: 'value', value: 100 });
    expect(convertCell('101', age)).toMatchObject({ expected: 'a whole number from 0 to 100' });
  });
});

describe('converting a file', () => {
  it('finds columns by name or label, whatever their case and punctuation', () => {
    const table = convertTable(
      [
        ['CLASS', 'Age '],
        ['1st', '30'],
      ],
      COLUMNS,
    );
    expect(table.rows[0]?.values).toEqual({ cabin_class: '1st', age: 30 });
    expect(convertTable([['Cabin Class'], ['2nd']], COLUMNS).rows[0]?.values).toEqual({
      cabin_class: '2nd',
      age: null,
    });
  });

  it('tells missing, absent, unused and repeated columns apart', () => {
    const table = convertTable(
      [
        ['survived', 'age', 'AGE'],
        ['no', '1', '2'],
      ],
      COLUMNS,
    );
    expect(table.missing.map(({ name }) => name)).toEqual(['cabin_class']);
    expect(table.unused).toEqual(['survived']);
    expect(table.repeated).toEqual(['age']);
    expect(convertTable([['class'], ['1st']], COLUMNS).absent.map(({ name }) => name)).toEqual(['age']);
  });

  it('names every problem of a row and keeps its text', () => {
    const [row] = convertTable(
      [
        ['class', 'age'],
        ['3rd', 'old'],
      ],
      COLUMNS,
    ).rows;
    expect(row).toMatchObject({ number: 1, texts: { cabin_class: '3rd', age: 'old' } });
    expect(row?.problems).toEqual([
      { field: 'cabin_class', expected: 'one of "1st", "2nd"', got: '"3rd"' },
      { field: 'age', expected: 'a number from 0 to 100', got: '"old"' },
    ]);
  });

  it('takes the id and the time of a row where the file has them, and never asks for them', () => {
    const columns = [...COLUMNS, makeColumn({ name: 'sailed', kind: 'date', role: 'time' })];
    const table = convertTable(
      [
        ['id', 'Class', 'Sailed'],
        ['7', '1st', '2026-03-01'],
        ['', '1st', ''],
        ['seven', '1st', ''],
      ],
      columns,
    );
    expect(table.rows.map(({ values }) => values)).toMatchObject([
      { id: 7, cabin_class: '1st', sailed: '2026-03-01' },
      { cabin_class: '1st' },
      { cabin_class: '1st' },
    ]);
    expect(table.rows[1]?.values).not.toHaveProperty('id');
    expect(table.rows[2]?.problems).toEqual([{ field: 'id', expected: 'a whole number', got: '"seven"' }]);
    const without = convertTable([['class'], ['1st']], columns);
    expect([...without.missing, ...without.absent].map(({ name }) => name)).toEqual(['age']);
  });

  it('takes a row that ends early as empty cells', () => {
    expect(convertTable([['class', 'age'], ['1st']], COLUMNS).rows[0]?.values).toEqual({
      cabin_class: '1st',
      age: null,
    });
  });

  it('takes a feature for empty that is called like what objects inherit, until it is given', () => {
    const columns = ['constructor', 'toString', '__proto__'].map((name) =>
      makeColumn({ name, kind: 'number', nullable: name === 'toString' }),
    );
    const { values, problems } = convertRow({}, columns);
    expect(Object.entries(values)).toEqual([['toString', null]]);
    expect(problems.map(({ field }) => field)).toEqual(['constructor', '__proto__']);
    const [row] = convertTable(
      [
        ['__proto__', 'constructor'],
        ['1', '2'],
      ],
      columns,
    ).rows;
    expect(Object.entries(row?.values ?? {})).toEqual([
      ['constructor', 2],
      ['toString', null],
      ['__proto__', 1],
    ]);
  });
});
