import { describe, expect, it } from 'vitest';
import { type ColumnKind, PLAIN_KINDS } from '../../src/contracts/contract.ts';
import { maybeJsonValue, maybeValue } from '../../src/contracts/kinds/cell-value.ts';
import { definitionOf, maybeForm } from '../../src/contracts/kinds/kinds.ts';

const KINDS: readonly ColumnKind[] = [...PLAIN_KINDS, 'decimal(12,2)', 'decimal(38,38)'];
const isValue = (kind: ColumnKind, value: unknown): boolean => maybeJsonValue(kind, value) !== undefined;

const TEXTS = [
  '2024-02-29',
  '1900-02-29',
  '2000-02-29',
  '0000-01-01',
  '2026-04-31',
  '2026-03-01 00:00:00',
  'a text',
].concat([
  '2026-03-01T12:00Z',
  '2026-02-30T12:00Z',
  '2026-03-01T24:00Z',
  '2026-03-01T12:00:00.5+14:00',
  '12',
  'true',
  '0.50',
  '09:30',
  'PT1H',
  '[1]',
  '{"a":1}',
]);

describe('kinds of columns', () => {
  it.each(KINDS)('read one JSON type from a text: %s', (kind) => {
    const values = TEXTS.map((text) => maybeValue(kind, text)).filter((value) => value !== undefined);
    expect(values.length).toBeGreaterThan(0);
    expect([...new Set(values.map((value) => typeof value))]).toEqual([definitionOf(kind).json]);
    expect(values.filter((value) => !isValue(kind, value))).toEqual([]);
  });

  it.each(KINDS.filter((kind) => definitionOf(kind).json === 'string'))(
    'take the same texts in JSON rows and in files: %s',
    (kind) => {
      expect(TEXTS.filter((text) => isValue(kind, text))).toEqual(
        TEXTS.filter((text) => maybeValue(kind, text) !== undefined),
      );
    },
  );

  it('know the days of the calendar', () => {
    const form = maybeForm('date') ?? /^$/;
    const isDay = (text: string): boolean => new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
    const wrong: string[] = [];
    for (const year of ['0001', '0004', '0100', '1900', '2000', '2023', '2024', '2100', '2400', '9999'])
      for (let month = 0; month <= 13; month += 1)
        for (let day = 0; day <= 32; day += 1) {
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
          if (form.test(text) !== isDay(text)) wrong.push(text);
        }
    expect(wrong).toEqual([]);
    expect(form.test('0000-01-01')).toBe(false);
  });

  it('take a number for one only as a number in JSON, and a whole one only without a fraction', () => {
    expect([isValue('number', '1'), isValue('number', 1.5), isValue('number', Number.NaN)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([isValue('integer', 1.5), isValue('integer', 2), isValue('integer', 2 ** 53)]).toEqual([false, true, false]);
    expect([isValue('boolean', true), isValue('boolean', 1), isValue('boolean', 'true')]).toEqual([true, false, false]);
  });
});
