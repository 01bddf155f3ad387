import { describe, expect, it } from 'vitest';
import { toSizeText } from '#store';
import {
  NOTHING,
  toBytesText,
  toCellText,
  toClockText,
  toDurationText,
  toFeatureText,
  toLabelText,
  toNumberText,
  toOffsetText,
  toRelativeText,
  toShareText,
  toStatisticText,
  toTimeText,
  toUnitText,
  toZoneText,
} from '../../src/web/format.ts';
import { showTimesIn, timeZone, zoneOffsetMinutes } from '../../src/web/zone.ts';

describe('formatting', () => {
  it.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY])('shows a dash for %s, in every unit', (value) => {
    for (const unit of ['none', 'percent', 'milliseconds', 'seconds', 'count', 'bytes'] as const)
      expect(toUnitText(value, unit)).toBe(NOTHING);
    expect(toShareText(value)).toBe(NOTHING);
  });

  it.each([
    [0, '0 ms'],
    [0.2, '< 1 ms'],
    [340, '340 ms'],
    [2_050, '2.05 s'],
    [95_000, '1 min 35 s'],
    [7_200_000, '2 h'],
    [90_000_000, '1 d 1 h'],
  ])('says %d ms as %s', (milliseconds, text) => {
    expect(toDurationText(milliseconds)).toBe(text);
  });

  it('say sizes as reports do', () => {
    for (let bytes = 1; bytes < 1024 ** 5; bytes = Math.ceil(bytes * 1.7))
      expect(toBytesText(bytes)).toBe(toSizeText(bytes));
    for (let power = 1; power < 5; power += 1) expect(toBytesText(1024 ** power)).toBe(toSizeText(1024 ** power));
  });

  it('keeps digits that mean something', () => {
    expect(toNumberText(1234.567)).toBe('1,234.57');
    expect(toNumberText(0.012345)).toBe('0.0123');
    expect(toShareText(0.8123)).toBe('81.2 %');
    expect(toUnitText(0.123, 'percent')).toBe('0.12 %');
    expect(toBytesText(1536)).toBe('1.5 KB');
    expect(toFeatureText(1912)).toBe('1912');
  });

  it('says how far away a moment is, in both directions', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(toRelativeText('2026-11-21T11:57:00Z', now)).toBe('3 min ago');
    expect(toRelativeText('2026-11-21T12:00:40Z', now)).toBe('in 40 sec');
    expect(toRelativeText('2026-11-21T12:00:01Z', now)).toBe('now');
  });
});

describe('labels', () => {
  it.each([
    [886925.948767123, {}, '886,925.95'],
    [0.000123456, {}, '0.000123'],
    [55.032000000000004, {}, '55.03'],
    [55.032000000000004, { decimals: 1, unit: '€' }, '55.0 €'],
    [412345.678, { decimals: 2, unit: '€' }, '412,345.68 €'],
    [412345.678, { kind: 'integer', unit: '€' }, '412,346 €'],
    [3.7142, { kind: 'integer' }, '3.71'],
    [7.4, { kind: 'integer', decimals: 0 }, '7'],
    ['3rd', { unit: 'of the ship' }, '3rd'],
    [true, {}, 'yes'],
  ] as const)(
    'have the unit and decimals of the contract, or the digits that mean something: %s',
    (value, style, text) => {
      expect(toLabelText(value, style)).toBe(text);
    },
  );
});

describe('averages and errors', () => {
  it.each([
    [0.0421, { decimals: 0, unit: 'kg' }, '0.0421 kg'],
    [12.3456, { decimals: 0 }, '12.3'],
    [1234.56, { decimals: 0 }, '1,235'],
    [1234.5678, { decimals: 3 }, '1,234.568'],
    [0, { decimals: 2 }, '0.00'],
    [undefined, {}, '–'],
  ] as const)('keep three digits, so that a small one is not zero: %s', (value, style, text) => {
    expect(toStatisticText(value, style)).toBe(text);
  });
});

describe('features', () => {
  it.each([
    [7.25, { decimals: 2 }, '7.25'],
    [8, { decimals: 2 }, '8.00'],
    [55.032000000000004, {}, '55.032'],
    [1912, { kind: 'integer' }, '1912'],
  ] as const)('have the decimals of the contract: %s', (value, style, text) => {
    expect(toFeatureText(value, style)).toBe(text);
  });
});

describe('cells', () => {
  it('of records and lists are words, not JSON', () => {
    expect(toCellText({ age: 22.125, sex: 'male', cabin: null, year: 1912, is_new: true })).toBe(
      'age 22.125 · sex male · cabin – · year 1912 · is_new yes',
    );
    expect(toCellText(['S', 'C'])).toBe('S · C');
    expect(toCellText({ place: { deck: 'B' } })).toBe('place {"deck":"B"}');
    expect([toCellText({}), toCellText([])]).toEqual([NOTHING, NOTHING]);
  });

  it('of a time are times in the zone that is shown, and dates have none', () => {
    showTimesIn('UTC');
    const timestamp = { kind: 'timestamp' } as const;
    expect(toFeatureText('2026-07-01T12:00:00.000Z', timestamp)).toBe('1 Jul 2026, 12:00:00');
    expect(toFeatureText(Date.UTC(2026, 6, 1, 12), timestamp)).toBe('1 Jul 2026, 12:00:00');
    expect(toFeatureText('2026-07-01', { kind: 'date' })).toBe('1 Jul 2026');
    expect([toFeatureText(null, timestamp), toFeatureText('soon', timestamp)]).toEqual([NOTHING, 'soon']);
    showTimesIn(undefined);
  });
});

describe('times', () => {
  it('are in the zone of the viewer, and in UTC when they choose so', () => {
    const noon = '2026-07-01T12:00:00Z';
    expect(timeZone()).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    showTimesIn('UTC');
    expect([timeZone(), toTimeText(noon), toClockText(noon)]).toEqual(['UTC', '1 Jul 2026, 12:00:00', '12:00:00']);
    showTimesIn(undefined);
    expect(timeZone()).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
  });

  it('are in any zone that is chosen, with its distance to UTC in summer and in winter', () => {
    showTimesIn('Europe/Berlin');
    const [summer, winter] = ['2026-07-01T12:00:30Z', '2026-01-01T12:00:30Z'];
    expect([toTimeText(summer), toZoneText(summer)]).toEqual(['1 Jul 2026, 14:00:30', 'UTC+2']);
    expect([toTimeText(winter), toZoneText(winter)]).toEqual(['1 Jan 2026, 13:00:30', 'UTC+1']);
    showTimesIn('no such zone');
    expect(timeZone()).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    const at = Date.parse(summer);
    expect(
      ['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu'].map((zone) =>
        toOffsetText(zoneOffsetMinutes(at, zone)),
      ),
    ).toEqual(['UTC', 'UTC+5:30', 'UTC-2:30', 'UTC+13', 'UTC+5:45']);
  });
});
