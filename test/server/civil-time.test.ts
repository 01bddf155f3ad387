import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDay, startOfDay, zoneName } from '../../src/server/civil-time.ts';

const dateIn = (timeZone: string, moment: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(moment);

describe('the start of a day', () => {
  it('is the first moment with that date, in every zone and any year', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const dates = fc
      .integer({ min: Date.parse('2000-01-01') / 864e5, max: Date.parse('2037-12-31') / 864e5 })
      .map((day) => new Date(day * 864e5).toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.constantFrom(...zones), dates, (zone, date) => {
        const start = startOfDay(date, zone).getTime();
        expect(dateIn(zone, start) >= date).toBe(true);
        expect(dateIn(zone, start - 1) < date).toBe(true);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it.each([
    ['2024-03-31', 'Europe/Paris', '2024-03-30T23:00:00.000Z'],
    ['2024-04-01', 'Europe/Paris', '2024-03-31T22:00:00.000Z'],
    // Midnight does not exist on this day in Beirut: clocks go from 23:59 to 01:00.
    ['2022-03-27', 'Asia/Beirut', '2022-03-26T22:00:00.000Z'],
    // Samoa went from the 29th to the 31st.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2024-01-01', 'Pacific/Kiritimati', '2023-12-31T10:00:00.000Z'],
    ['2024-01-01', 'UTC', '2024-01-01T00:00:00.000Z'],
  ])('%s in %s is %s', (date, zone, expected) => {
    expect(startOfDay(date, zone).toISOString()).toBe(expected);
  });
});

describe('the next day', () => {
  it.each([
    ['2024-02-28', '2024-02-29'],
    ['2024-12-31', '2025-01-01'],
    ['9999-12-31', '9999-12-31'],
  ])('of %s is %s', (date, next) => expect(nextDay(date)).toBe(next));
});

describe('a zone', () => {
  it('is named as the zone names itself', () => expect(zoneName('europe/paris')).toBe('Europe/Paris'));
  it('that does not exist is refused', () => {
    expect(() => zoneName('Mars/Olympus')).toThrow(/Expected the IANA name/);
  });
});
