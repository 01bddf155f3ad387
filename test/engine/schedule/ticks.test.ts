import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTicks } from '../../../src/engine/schedule/ticks.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { anyMinutes, expressionsOf } from './expressions.ts';
import { ticksByMinute } from './oracle.ts';

const ticksOf = (cron: string, timeZone = 'UTC') => createTicks({ pipeline: 'given', cron, timeZone });
const between = (cron: string, timeZone: string, [after, until]: readonly [string, string]): readonly string[] =>
  [...ticksOf(cron, timeZone).between(new Date(after), new Date(until))].map((tick) => tick.toISOString().slice(0, 16));

const SPRING = ['2026-03-28T12:00Z', '2026-03-30T12:00Z'] as const;
const AUTUMN = ['2026-10-24T12:00Z', '2026-10-26T12:00Z'] as const;

describe('ticks where clocks change', () => {
  it('come at the first moment after the gap when their wall-clock time never happens', () => {
    expect(between('30 2 * * *', 'Europe/Berlin', SPRING)).toEqual(['2026-03-29T01:00', '2026-03-30T00:30']);
    expect(between('30 2,14 * * *', 'Europe/Berlin', SPRING)).toEqual([
      ...['2026-03-28T13:30', '2026-03-29T01:00', '2026-03-29T12:30', '2026-03-30T00:30'],
    ]);
  });

  it('come once when several of them fall into one gap, or onto the moment after it', () => {
    expect(between('0,30 2-3 * * *', 'Europe/Berlin', SPRING)).toEqual([
      ...['2026-03-29T01:00', '2026-03-29T01:30'],
      ...['2026-03-30T00:00', '2026-03-30T00:30', '2026-03-30T01:00', '2026-03-30T01:30'],
    ]);
  });

  it('come the first time when their wall-clock time happens twice', () => {
    expect(between('30 2 * * *', 'Europe/Berlin', AUTUMN)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
    expect(between('0,30 2 * * *', 'Europe/Berlin', AUTUMN)).toEqual([
      ...['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-26T01:00', '2026-10-26T01:30'],
    ]);
  });

  it('come at every hour that passes when the expression has a star or a step', () => {
    const hours = (change: readonly [string, string]) => between('0 * * * *', 'Europe/Berlin', change).length;
    expect([hours(SPRING), hours(AUTUMN)]).toEqual([48, 48]);
    expect(between('*/30 2 * * *', 'Europe/Berlin', SPRING)).toEqual(['2026-03-30T00:00', '2026-03-30T00:30']);
    expect(between('*/30 2 * * *', 'Europe/Berlin', AUTUMN)).toHaveLength(6);
  });

  it.each([
    [
      'Australia/Lord_Howe',
      'a change by half an hour',
      '15 2 * * *',
      '2026-10-03T12:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:15'],
    ],
    ['America/Santiago', 'a gap at midnight', '30 0 * * *', '2026-09-05T12:00Z', ['2026-09-06T04:00']],
    [
      'Pacific/Apia',
      'a day that never was',
      '0 9 * * *',
      '2011-12-29T12:00Z',
      ['2011-12-29T19:00', '2011-12-30T19:00'],
    ],
  ])('keep to %s: %s', (timeZone, _what, cron, after, expected) => {
    const until = new Date(Date.parse(after) + 36 * 3_600_000).toISOString();
    expect(between(cron, timeZone, [after, until])).toEqual(expected);
  });
});

describe('ticks through the calendar', () => {
  it.each([
    ['0 0 29 2 *', '2026-01-01T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 0 31 * *', '2026-01-15T00:00Z', ['2026-01-31T00:00', '2026-03-31T00:00']],
    ['0 12 L * *', '2028-01-15T00:00Z', ['2028-01-31T12:00', '2028-02-29T12:00']],
    ['0 0 * * FRI#2', '2026-01-01T00:00Z', ['2026-01-09T00:00', '2026-02-13T00:00']],
    ['59 59 23 31 12 *', '2016-12-31T00:00Z', ['2016-12-31T23:59', '2017-12-31T23:59']],
    ['0 0 29 2 *', '2096-03-01T00:00Z', ['2104-02-29T00:00', '2108-02-29T00:00']],
  ])('%s', (cron, after, expected) => {
    const ticks = ticksOf(cron);
    const first = ticks.next(new Date(after));
    const second = first && ticks.next(first);
    expect([first, second].map((tick) => tick?.toISOString().slice(0, 16))).toEqual(expected);
    expect(second && ticks.intervalOf(second)).toEqual({ from: first, to: second });
  });

  it('end where an expression never comes', () => {
    expect(ticksOf('0 0 30 2 *').next(new Date('2026-01-01T00:00Z'))).toBeUndefined();
  });
});

describe('an expression', () => {
  it.each([
    ['* * * *', 'UTC', 'five or six fields'],
    ['* * * * * * 2027', 'UTC', 'five or six fields'],
    ['61 * * * *', 'UTC', 'Invalid value for minute'],
    ['? * * * *', 'UTC', 'five or six fields'],
    ['2026-01-01T00:00:00', 'UTC', 'five or six fields'],
    ['* * * * *', 'Mars/Olympus', 'as in Europe/Berlin'],
  ])('is refused when it is none: %s in %s', (cron, timeZone, message) => {
    expect(() => ticksOf(cron, timeZone)).toThrow(message);
  });
});

const DAY_MS = 86_400_000;
const LOOKED_BACK = 40;
const expressions = expressionsOf(anyMinutes);

describe('intervals', () => {
  it('are those found by reading the clock of the zone minute by minute, and tile time', () => {
    fc.assert(
      fc.property(expressions, fc.integer({ min: 0, max: 365 }), (expression, day) => {
        const ticks = ticksOf(expression.cron, expression.timeZone);
        const after = new Date(Date.parse('2026-01-01T00:00Z') + day * DAY_MS);
        const until = new Date(after.getTime() + 1.5 * DAY_MS);
        const found = [...ticks.between(after, until)];
        expect(found).toEqual(ticksByMinute(expression, { after, until }));
        const last = found.slice(-LOOKED_BACK);
        expect(ticks.last(last.length, until)).toEqual(last);
        const intervals = last.map(ticks.intervalOf);
        for (const [index, { from, to }] of intervals.entries()) {
          expect(from < to).toBe(true);
          if (index > 0) expect(from).toEqual(intervals[index - 1]?.to);
        }
      }),
      { numRuns: propertyRuns(40), seed: 41 },
    );
  });

  it('of the days when the clocks change are right in every zone', () => {
    const changes = [
      '2026-03-07',
      '2026-03-28',
      '2026-04-04',
      '2026-09-05',
      '2026-09-26',
      '2026-10-03',
      '2026-10-24',
      '2026-10-31',
    ];
    fc.assert(
      fc.property(expressions, fc.constantFrom(...changes), (expression, day) => {
        const after = new Date(`${day}T00:00Z`);
        const until = new Date(after.getTime() + 2 * DAY_MS);
        const found = [...ticksOf(expression.cron, expression.timeZone).between(after, until)];
        expect(found).toEqual(ticksByMinute(expression, { after, until }));
      }),
      { numRuns: propertyRuns(60), seed: 42 },
    );
  });
});
