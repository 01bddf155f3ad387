import { describe, expect, it } from 'vitest';
import { PLAIN_KINDS } from '../../../src/contracts/contract.ts';
import { maybeValue } from '../../../src/contracts/kinds/cell-value.ts';
import { readCell } from '../../../src/contracts/rules/check-cell.ts';
import { readCsv } from '../../../src/contracts/scan/read-csv.ts';
import { convertForm, convertRow, convertTable, problemText } from '../../../src/web/csv/convert.ts';
import { COLUMNS, fileOf, makeColumn } from '../columns.ts';

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
    expect(readCell(text, makeColumn({ name: 'x', kind }))).toEqual({ value });
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
    expect(readCell(text, makeColumn({ name: 'x', kind }))).toMatchObject({ got: `"${text}"` });
  });

  it.each(PLAIN_KINDS)('reads a %s as a check of files does', (kind) => {
    const column = makeColumn({ name: 'x', kind, ...(kind === 'category' ? { categories: TEXTS } : {}) });
    for (const text of TEXTS) {
      const found = readCell(text, column);
      expect([text, 'value' in found ? found.value : undefined]).toEqual([text, maybeValue(kind, text)]);
    }
  });

  it('counts the characters of a text, not what they are stored in', () => {
    const column = makeColumn({ name: 'x', kind: 'text', lengthMin: 2, lengthMax: 3 });
    const isTaken = (text: string): boolean => 'value' in readCell(text, column);
    expect(['\u{1f600}', '\u{1f600}\u{1f600}', 'abc', 'abcd'].map(isTaken)).toEqual([false, true, true, false]);
  });

  it.each([
    ['integer', '-12', { min: 0 }, 'a whole number of at least 0'],
    ['number', ' 1', {}, 'a number'],
    ['integer', 'abc', { nullable: true }, 'a whole number or null'],
    ['date', '2026-02-31', {}, 'a date such as 2026-03-01'],
    ['text', 'AB1', { pattern: '[A-Z]{2}[0-9]{2}' }, 'a text of the form [A-Z]{2}[0-9]{2}'],
    ['text', '', { alwaysNull: false }, 'a text'],
  ] as const)('says what is wrong with what was typed, as the API does: %s %j', (kind, text, limits, expected) => {
    const { values, problems } = convertRow({ x: text }, [makeColumn({ name: 'x', kind, ...limits })]);
    expect(problems).toEqual([{ field: 'x', expected, got: text === '' ? 'nothing' : JSON.stringify(text) }]);
    expect(values).toEqual({});
  });

  it('sends the number that was typed', () => {
    const columns = [makeColumn({ name: 'x', kind: 'number' })];
    expect(['-12', '1e1', '+.5', '007'].map((x) => convertRow({ x }, columns).values.x)).toEqual([-12, 10, 0.5, 7]);
  });

  it('takes an empty cell as null only where that is allowed', () => {
    expect(readCell('', makeColumn({ name: 'x', kind: 'number', nullable: true }))).toEqual({ value: null });
    expect(readCell('', makeColumn({ name: 'x', kind: 'number' }))).toMatchObject({ got: 'nothing' });
  });

  it('says the range, both ends included', () => {
    const age = makeColumn({ name: 'age', kind: 'integer', min: 0, max: 100 });
    expect(readCell('100', age)).toEqual({ value: 100 });
    expect(readCell('101', age)).toMatchObject({ expected: 'a whole number from 0 to 100' });
  });
});

const STEPS = {
  sentence: 'age is a multiple of 0.5',
  rule: { over: 'cell', column: 'age', test: 'multiple', step: 0.5 },
};
const CONDITIONAL = {
  sentence: 'age is at least 18 where cabin_class is one of 1st',
  rule: {
    ...{ over: 'cell', column: 'age', test: 'range', min: 18 },
    where: { over: 'cell', column: 'cabin_class', test: 'set', values: ['1st'] },
  },
};
const TOGETHER = {
  sentence: 'cabin_class and age together are different in every row',
  rule: { over: 'key', columns: ['cabin_class', 'age'] },
};

describe('the further rules of a contract', () => {
  it('are asked of a form whose fields are right, and told at a field', () => {
    const rules = [STEPS, CONDITIONAL];
    const form = (age: string) => convertForm({ cabin_class: '1st', age }, { columns: COLUMNS.slice(1, 3), rules });
    expect(form('18.5').problems).toEqual([]);
    expect(form('17.1').problems).toEqual([
      { field: 'age', expected: STEPS.sentence, got: '17.1' },
      { field: 'age', expected: CONDITIONAL.sentence, got: 'age 17.1, cabin_class "1st"' },
    ]);
    expect(form('old').problems).toMatchObject([{ field: 'age', got: '"old"' }]);
    const newer = { sentence: 'of another version', rule: { over: 'cell', column: 'age', test: 'unheard-of' } };
    const columns = COLUMNS.slice(1, 3);
    expect(convertForm({ cabin_class: '1st', age: '1' }, { columns, rules: [newer] }).problems).toEqual([]);
  });

  it('are asked of the rows of a file, of which one may repeat an earlier one', () => {
    const rows = [
      ['class', 'age'],
      ['1st', '30'],
      ['2nd', '17'],
      ['1st', '17'],
      ['1st', '30.0'],
      ['2nd', ''],
    ];
    const table = convertTable(fileOf(rows), COLUMNS, [CONDITIONAL, TOGETHER]);
    expect(table.rows.map(({ problems }) => problems.map(problemText))).toEqual([
      [],
      [],
      [`age: expected ${CONDITIONAL.sentence}, got age 17, cabin_class "1st"`],
      [`cabin_class: expected ${TOGETHER.sentence}, got cabin_class "1st", age 30`],
      [],
    ]);
  });
});

describe('converting a file', () => {
  it('finds columns by name or label, whatever their case and punctuation', () => {
    const table = convertTable(
      fileOf([
        ['CLASS', 'Age '],
        ['1st', '30'],
      ]),
      COLUMNS,
    );
    expect(table.rows[0]?.values).toEqual({ cabin_class: '1st', age: 30 });
    expect(convertTable(fileOf([['Cabin Class'], ['2nd']]), COLUMNS).rows[0]?.values).toEqual({
      cabin_class: '2nd',
      age: null,
    });
  });

  it('tells missing, absent, unused and repeated columns apart', () => {
    const table = convertTable(
      fileOf([
        ['survived', 'age', 'age'],
        ['no', '1', '2'],
      ]),
      COLUMNS,
    );
    expect(table.missing.map(({ name }) => name)).toEqual(['cabin_class']);
    expect(table.unused).toEqual(['survived', 'age', 'age']);
    expect(table.repeated).toEqual(['age']);
    expect(convertTable(fileOf([['class'], ['1st']]), COLUMNS).absent.map(({ name }) => name)).toEqual(['age']);
  });

  it('does not miss a column that is optional, and sends no value of it', () => {
    const columns = [...COLUMNS, makeColumn({ name: 'deck', kind: 'text', optional: true })];
    const { missing, absent, rows } = convertTable(fileOf([['class'], ['1st']]), columns);
    expect([missing, absent.map(({ name }) => name)]).toEqual([[], ['age', 'deck']]);
    expect(rows[0]).toMatchObject({ values: { cabin_class: '1st', age: null }, problems: [] });
    expect(Object.keys(rows[0]?.values ?? {})).not.toContain('deck');
  });

  it('names every problem of a row and keeps its text', () => {
    const [row] = convertTable(
      fileOf([
        ['class', 'age'],
        ['3rd', 'old'],
      ]),
      COLUMNS,
    ).rows;
    expect(row).toMatchObject({ number: 1, texts: { cabin_class: '3rd', age: 'old' } });
    expect(row?.problems).toEqual([
      { field: 'cabin_class', expected: 'one of "1st", "2nd"', got: '"3rd"' },
      { field: 'age', expected: 'a number from 0 to 100 or null', got: '"old"' },
    ]);
  });

  it('takes the id and the time of a row where the file has them, and never asks for them', () => {
    const columns = [...COLUMNS, makeColumn({ name: 'sailed', kind: 'date', role: 'time' })];
    const table = convertTable(
      fileOf([
        ['id', 'Class', 'Sailed'],
        ['7', '1st', '2026-03-01'],
        ['', '1st', ''],
        ['seven', '1st', ''],
      ]),
      columns,
    );
    expect(table.rows.map(({ values }) => values)).toMatchObject([
      { id: 7, cabin_class: '1st', sailed: '2026-03-01' },
      { cabin_class: '1st' },
      { cabin_class: '1st' },
    ]);
    expect(table.rows[1]?.values).not.toHaveProperty('id');
    expect(table.rows[2]?.problems).toEqual([{ field: 'id', expected: 'a whole number or null', got: '"seven"' }]);
    const without = convertTable(fileOf([['class'], ['1st']]), columns);
    expect([...without.missing, ...without.absent].map(({ name }) => name)).toEqual(['age']);
  });

  it('leaves out a row with too few or too many cells, as a check does, and says which line it is', () => {
    const file = new TextEncoder().encode('class,age\n1st\n1st,30\n1st,30,x\n"1st,30\n');
    const { rows } = convertTable(readCsv(file, { delimiterOf: () => ',' }), COLUMNS);
    expect(rows.map(({ line, problems }) => [line, problems.map(problemText)])).toEqual([
      [2, ['a record has fewer fields than the header (1 instead of 2)']],
      [3, []],
      [4, ['a record has more fields than the header (3 instead of 2)']],
      [5, ['a quote is opened and never closed']],
    ]);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['1st', ''],
      ['1st', '30'],
      ['1st', '30'],
      ['"1st,30', ''],
    ]);
  });

  it('leaves out a row whose value an earlier row has where values are unique', () => {
    const columns = [makeColumn({ name: 'id', kind: 'integer', role: 'id', unique: true }), ...COLUMNS.slice(1)];
    const { rows } = convertTable(
      fileOf([
        ['id', 'class'],
        ['7', '1st'],
        ['07', '1st'],
        ['', '1st'],
      ]),
      columns,
    );
    expect(rows.map(({ problems }) => problems.length)).toEqual([0, 1, 0]);
    expect(rows[1]?.problems).toEqual([{ field: 'id', expected: 'a value that no earlier row has', got: '"07"' }]);
  });

  it('takes a feature for empty that is called like what objects inherit, until it is given', () => {
    const columns = ['constructor', 'toString', '__proto__'].map((name) =>
      makeColumn({ name, kind: 'number', nullable: name === 'toString' }),
    );
    const { values, problems } = convertRow({}, columns);
    expect(Object.entries(values)).toEqual([['toString', null]]);
    expect(problems.map(({ field }) => field)).toEqual(['constructor', '__proto__']);
    const [row] = convertTable(
      fileOf([
        ['__proto__', 'constructor'],
        ['1', '2'],
      ]),
      columns,
    ).rows;
    expect(Object.entries(row?.values ?? {})).toEqual([
      ['constructor', 2],
      ['toString', null],
      ['__proto__', 1],
    ]);
  });
});
