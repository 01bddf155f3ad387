import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boolean, category, defineContract, integer, number, text, timestamp } from '#contracts';
import { defineFeatures, type FeatureRow, fitFeatures, maybeTellingRows } from '#ml';

const sales = defineContract({
  name: 'sales',
  columns: {
    id: integer({ role: 'id', unique: true }),
    shop: category(['north', 'south', 'east'], { nullable: true }),
    street: text({ nullable: true }),
    size: number({ nullable: true }),
    open: boolean({ nullable: true }),
    sold: timestamp({ role: 'time', nullable: true }),
    price: number({ role: 'label' }),
  },
});
const features = defineFeatures({ columns: { street: { as: 'category', indicator: true } } });

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const sale: fc.Arbitrary<FeatureRow> = fc.record({
  shop: orNull(fc.constantFrom('north', 'south', 'elsewhere')),
  street: orNull(fc.constantFrom('a', 'b', 'c', 'toString')),
  size: orNull(fc.integer({ min: 0, max: 9 })),
  open: orNull(fc.boolean()),
  sold: orNull(
    fc
      .date({ min: new Date('2024-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
});

it('rows that tell something new give the features of all rows', () => {
  fc.assert(
    fc.property(fc.array(sale, { minLength: 1, maxLength: 300 }), (rows) => {
      const telling = maybeTellingRows(features, sales);
      for (const row of rows) telling?.add(row);
      const kept = telling?.rows() ?? [];
      const found = fitFeatures(features, sales, { rows: kept, reading: 'coded' });
      expect({ ...found, rows: telling?.count() }).toEqual(fitFeatures(features, sales, { rows, reading: 'coded' }));
    }),
  );
});

it('rows are all needed where all decide', () => {
  for (const size of [{ impute: 'median' }, { scale: 'standard' }] as const)
    expect(maybeTellingRows(defineFeatures({ columns: { size, street: 'omit' } }), sales)).toBeUndefined();
});
