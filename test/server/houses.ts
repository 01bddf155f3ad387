import { category, defineContract, integer, number, text, timestamp } from '#contracts';
import type { FeatureRow } from '#ml';

/** A number is predicted; rows have a text as id and a time. No column has an example. */
export const houses = defineContract({
  name: 'houses',
  columns: {
    code: text({ role: 'id', pattern: 'H-[0-9]{4}', header: 'House code' }),
    sold_at: timestamp({ role: 'time' }),
    area: number({ label: 'Area', description: 'Living area', unit: 'm²', min: 10, max: 1000 }),
    rooms: integer({ min: 1, max: 20 }),
    parish: text({ pattern: '(?:North|South) [A-Z]{2}', lengthMax: 10 }),
    heating: category(['gas', 'oil'], { nullable: true }),
    lift: category(['yes', 'no'], { alwaysNull: true }),
    agent: text({ role: 'meta', nullable: true }),
    price: number({ role: 'label', unit: 'EUR', min: 0 }),
  },
});

export const houseRows: readonly FeatureRow[] = Array.from({ length: 40 }, (_, index) => ({
  code: `H-${1000 + index}`,
  sold_at: '2026-01-31T09:30:00Z',
  area: 50 + index,
  rooms: 1 + (index % 5),
  parish: 'North AB',
  heating: index % 2 === 0 ? 'gas' : 'oil',
  lift: null,
  agent: null,
  price: 1000 * (50 + index),
}));
