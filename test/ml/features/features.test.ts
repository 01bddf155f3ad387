import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boolean, type Contract, date, decimal, defineContract, duration, number, time, timestamp } from '#contracts';
import {
  type ColumnFeature,
  defineFeatures,
  type FeatureRow,
  fitFeatures,
  labelOf,
  parseFittedFeatures,
  toLabels,
  toMatrix,
} from '#ml';
import { boatRows, boats } from '../contract.ts';

const fitBoats = (columns: Record<string, ColumnFeature | 'omit'> = {}, rows = boatRows) =>
  fitFeatures(defineFeatures({ columns }), boats, { rows });
const only = (column: string, feature: ColumnFeature) =>
  fitBoats({ length: 'omit', crew: 'omit', hull: 'omit', engine: 'omit', built: 'omit', [column]: feature });

describe('features by default', () => {
  it('take the columns of role feature, in the contract order, without those that are always empty', () => {
    expect(toMatrix(fitBoats(), boatRows).columns).toEqual([
      'length',
      'crew',
      'hull=wood',
      'hull=steel',
      'engine',
      'built',
    ]);
  });

  it('fill a missing number with the median and scale by what the training part showed', () => {
    const fitted = only('length', {});
    // 10, 20, 60 have the median 20; filled, the four numbers have mean 27.5 and variance 368.75.
    expect(fitted.columns[0]).toMatchObject({ fill: 20, offset: 27.5, divisor: Math.sqrt(368.75) });
    const { values } = toMatrix(fitted, [{ length: null }, { length: 27.5 }]);
    expect([...values]).toEqual([(20 - 27.5) / Math.sqrt(368.75), 0]);
  });

  it('give a category never seen, and a missing one, all zeros', () => {
    const { values } = toMatrix(only('hull', {}), [{ hull: 'steel' }, { hull: 'glass' }, { hull: null }, {}]);
    expect([...values]).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('read booleans as 0 and 1, the missing one as the more frequent', () => {
    const { values } = toMatrix(only('engine', {}), [{ engine: true }, { engine: false }, { engine: null }]);
    expect([...values]).toEqual([1, 0, 1]);
  });

  it('read dates as days, a time without a zone as UTC', () => {
    const fitted = only('built', { scale: 'none' });
    const { values } = toMatrix(fitted, [{ built: '1970-01-11' }, { built: '1970-01-01 12:00:00' }, { built: null }]);
    expect([...values]).toEqual([10, 0.5, 3]);
    const zoned = toMatrix(fitted, [{ built: '1970-01-01T12:00:00+06:00' }, { built: '1970-01-01T06:00:00Z' }]);
    expect([...zoned.values]).toEqual([0.25, 0.25]);
  });
});

describe('features of decimals, times and durations', () => {
  const parcels = defineContract({
    name: 'parcels',
    columns: {
      price: decimal({ precision: 20, scale: 2, nullable: true }),
      picked: time(),
      took: duration(),
      late: boolean({ role: 'label' }),
    },
  });
  const rows = [
    { price: '12.50', picked: '09:30', took: 'PT90M', late: false },
    { price: null, picked: '00:00:36', took: '-PT0.5S', late: true },
  ];

  it('are numbers: decimals the nearest double, times and durations hours', () => {
    const columns = { price: { scale: 'none' }, picked: { scale: 'none' }, took: { scale: 'none' } } as const;
    const fitted = parseFittedFeatures(
      JSON.parse(JSON.stringify(fitFeatures(defineFeatures({ columns }), parcels, { rows }))),
    );
    expect([...toMatrix(fitted, rows).values]).toEqual([12.5, 9.5, 1.5, 12.5, 0.01, -0.5 / 3600]);
    expect([...toMatrix(fitted, [{ price: 3, picked: 8, took: 2 }]).values]).toEqual([3, 8, 2]);
  });

  it('refuse what is none', () => {
    const fitted = fitFeatures(defineFeatures({}), parcels, { rows });
    expect(() => toMatrix(fitted, [{ price: '', picked: '09:30', took: 'PT1H' }])).toThrow(
      'expected a decimal or nothing',
    );
  });

  it('are no labels yet', () => {
    const columns = { a: number(), price: decimal({ precision: 5, scale: 2, role: 'label' }) };
    expect(() => labelOf(defineContract({ name: 'x', columns }))).toThrow('Label "price" is of kind decimal(5,2).');
  });
});

describe('the time of a row', () => {
  const sales = defineContract({
    name: 'sales',
    columns: { area: number(), sold: timestamp({ role: 'time' }), price: number({ role: 'label' }) },
  });
  const HOUR_MS = 3_600_000;
  const every = (hours: number, rows: number): FeatureRow[] =>
    Array.from({ length: rows }, (_, index) => ({
      area: 1,
      sold: new Date(Date.UTC(2026, 0, 5) + index * hours * HOUR_MS).toISOString(),
    }));
  const columnsOf = (rows: readonly FeatureRow[], contract: Contract = sales): readonly string[] =>
    toMatrix(fitFeatures(defineFeatures(), contract, { rows }), rows).columns;

  it('is a feature: its day, and of month, weekday and hour what varies', () => {
    // Monday to Wednesday, at 0, 8 and 16 hours.
    expect(columnsOf(every(8, 9))).toEqual([
      ...['area', 'sold', 'sold weekday=1', 'sold weekday=2', 'sold weekday=3'],
      ...['sold hour=0', 'sold hour=8', 'sold hour=16'],
    ]);
    expect(columnsOf(every(7 * 24, 3))).toEqual(['area', 'sold']);
  });

  it('has its month once all are known, since the newest rows would be in others', () => {
    const months = (rows: number) => columnsOf(every(28 * 24, rows)).filter((name) => name.includes('month'));
    expect(months(11)).toEqual([]);
    expect(months(14)).toHaveLength(12);
  });

  it('is read in UTC, and is all zeros where it is missing or was never seen', () => {
    const fitted = fitFeatures(defineFeatures(), sales, { rows: every(8, 9) });
    const parts = (sold: string | null) => [...toMatrix(fitted, [{ area: 1, sold }]).values].slice(2);
    expect(parts('2026-01-06T02:00:00+10:00')).toEqual([1, 0, 0, 0, 0, 1]);
    expect(parts('2026-01-11T09:00:00Z')).toEqual([0, 0, 0, 0, 0, 0]);
    expect(parts(null)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('may be left out, and is no feature when it is neither date nor timestamp', () => {
    const rows = every(8, 9);
    const omitted = fitFeatures(defineFeatures({ columns: { sold: 'omit' } }), sales, { rows });
    expect(toMatrix(omitted, rows).columns).toEqual(['area']);
    const counted = { ...sales, columns: { ...sales.columns, sold: number({ role: 'time' }) } };
    expect(columnsOf([{ area: 1, sold: 3 }], counted)).toEqual(['area']);
  });

  it('is the same after a round trip as JSON', () => {
    const contract = { ...sales, columns: { ...sales.columns, sold: date({ role: 'time' }) } };
    const fitted = fitFeatures(defineFeatures(), contract, { rows: every(24, 9) });
    expect(parseFittedFeatures(JSON.parse(JSON.stringify(fitted)))).toEqual(fitted);
  });
});

describe('features by override', () => {
  it('impute with the mean, a constant, the most frequent', () => {
    expect(only('length', { impute: 'mean' }).columns[0]).toMatchObject({ fill: 30 });
    expect(only('length', { impute: { constant: 5 } }).columns[0]).toMatchObject({ fill: 5 });
    expect(only('hull', { impute: 'most-frequent' }).columns[0]).toMatchObject({ fill: 'steel' });
    expect(only('engine', { impute: { constant: false } }).columns[0]).toMatchObject({ fill: 0 });
  });

  it('say in a column of its own where a value was missing', () => {
    const matrix = toMatrix(only('length', { indicator: true, scale: 'none' }), [{ length: 3 }, { length: null }]);
    expect(matrix.columns).toEqual(['length', 'length is missing']);
    expect([...matrix.values]).toEqual([3, 0, 20, 1]);
  });

  it('read an integer as a category', () => {
    expect(toMatrix(only('crew', { as: 'category' }), boatRows).columns).toEqual(['crew=2', 'crew=3', 'crew=4']);
  });

  it.each<[string, Record<string, ColumnFeature | 'omit'>, string]>([
    ['an unknown column', { mast: 'omit' }, 'which is no feature of contract "boats"'],
    ['a column that is the label', { use: {} }, 'which is no feature'],
    ['a median of categories', { hull: { impute: 'median' } }, 'impute it with "none"'],
    ['a text constant for a number', { length: { impute: { constant: 'x' } } }, 'impute it with "median"'],
  ])('refuse %s', (_, columns, message) => {
    expect(() => fitBoats(columns)).toThrow(message);
  });
});

describe('fitted features', () => {
  it('survive JSON exactly', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const row = fc.record({
      length: fc.option(number),
      crew: fc.option(fc.integer()),
      hull: fc.option(fc.string({ unit: 'binary' })),
      engine: fc.option(fc.boolean()),
      built: fc.option(fc.date({ noInvalidDate: true }).map((date) => date.toISOString())),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const fitted = fitBoats({}, rows);
        const back = parseFittedFeatures(JSON.parse(JSON.stringify(fitted)));
        expect(back).toEqual(fitted);
        expect(toMatrix(back, rows)).toEqual(toMatrix(fitted, rows));
        expect(toMatrix(fitted, rows).values.some(Number.isNaN)).toBe(false);
      }),
    );
  });

  it('are finite where sums of the largest numbers are not', () => {
    const rows = [{ length: 1.7e308 }, { length: 1.5e308 }, { length: null }];
    for (const impute of ['median', 'mean'] as const) {
      expect(fitBoats({ length: { impute } }, rows).columns[0]).toMatchObject({ fill: 1.6e308 });
    }
  });

  it('do not depend on the order of the training rows', () => {
    const row = fc.record({ length: fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 })) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2 }), (rows) => {
        expect(fitBoats({}, rows.toReversed())).toEqual(fitBoats({}, rows));
      }),
    );
  });

  it('give one row the same numbers alone as among others', () => {
    const fitted = fitBoats();
    const width = toMatrix(fitted, boatRows).columns.length;
    const all = toMatrix(fitted, boatRows).values;
    boatRows.forEach((row, index) => {
      expect(toMatrix(fitted, [row]).values).toEqual(all.slice(index * width, (index + 1) * width));
    });
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(fitBoats().columns[0])).toBe(true);
  });

  it.each([
    [
      'a text in a number',
      { length: 'long' },
      'Row 0, column "length": expected a finite number or nothing, got "long"',
    ],
    ['NaN', { length: Number.NaN }, 'got NaN'],
    ['a text in a boolean', { engine: 'maybe' }, 'expected true or false'],
    ['a date that is none', { built: 'yesterday' }, 'expected an ISO date'],
  ])('refuse %s', (_, row: FeatureRow, message) => {
    expect(() => toMatrix(fitBoats(), [row])).toThrow(message);
  });

  it('refuse JSON that is something else', () => {
    expect(() => parseFittedFeatures({ format: 2, rows: 1, columns: [] })).toThrow('format 1');
  });
});

describe('labels', () => {
  it('come from the column of role label, as class indexes in declared order', () => {
    const label = labelOf(boats);
    expect(label).toEqual({
      column: 'use',
      label: { kind: 'classification', classes: ['ferry', 'fishing', 'leisure'] },
    });
    expect([...toLabels(label, boatRows).values]).toEqual([1, 0, 0, 2]);
  });

  it('are numbers for a number, and classes where classes are given', () => {
    const columns = { ...boats.columns, use: { ...boats.columns.length!, role: 'label' as const } };
    const contract = { ...boats, columns };
    expect(labelOf(contract).label).toEqual({ kind: 'regression' });
    const label = labelOf(contract, { classes: ['0', '1'] });
    expect([...toLabels(label, [{ use: 1 }, { use: 0 }]).values]).toEqual([1, 0]);
  });

  it('refuse a row without one', () => {
    expect(() => toLabels(labelOf(boats), [{ use: 'ferry' }, { use: null }])).toThrow(
      'Row 1, label "use": expected one of ferry, fishing, leisure, got null',
    );
  });

  it('refuse a contract without exactly one label column', () => {
    const { use: _, ...columns } = boats.columns;
    expect(() => labelOf({ ...boats, columns })).toThrow('has 0 columns of role "label"');
  });

  it('are never what an object inherits', () => {
    const contract = defineContract({
      name: 'odd',
      columns: { constructor: number({ nullable: true }), toString: number({ role: 'label' }) },
    });
    const fitted = fitFeatures(defineFeatures(), contract, { rows: [{ constructor: 2 }, {}] });
    expect([...toMatrix(fitted, [{}, { constructor: 2 }]).values]).toEqual([0, 0]);
    expect(() => toLabels(labelOf(contract), [{}])).toThrow('Row 0, label "toString": expected a number, got null');
  });

  it('cannot be a column whose name bodies of JSON may not hold', () => {
    const contract = defineContract({ name: 'odd', columns: { ['__proto__']: number(), a: number() } });
    expect(() => fitFeatures(defineFeatures(), contract, { rows: [{ a: 1 }] })).toThrow(
      expect.objectContaining({ code: 'features_invalid' }),
    );
  });
});
