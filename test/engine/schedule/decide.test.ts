import { describe, expect, it } from 'vitest';
import { decide, type Situation, WAITING_MAX } from '../../../src/engine/schedule/decide.ts';
import { createTicks } from '../../../src/engine/schedule/ticks.ts';

const everyMinute = createTicks({ pipeline: 'given', cron: '* * * * *', timeZone: 'UTC' });
const at = (time: string): Date => new Date(`2026-01-01T${time}Z`);
const situation = (change: Partial<Situation>): Situation => ({
  ...{ now: at('01:00:10'), handledUntil: at('00:59:00'), resumedAt: null, isBusy: false, waiting: 0 },
  ...change,
});
const minutesLater = (start: Date, minutes: number): Date => new Date(start.getTime() + minutes * 60_000);

describe('what becomes of ticks that came due', () => {
  it('is nothing while none did', () => {
    const decision = decide(everyMinute, { catchUp: 'all', overlap: 'queue' }, situation({ now: at('00:59:59') }));
    expect(decision).toEqual({ handledUntil: at('00:59:00'), kept: [], isReplacing: false });
  });

  it('is decided for as many as may wait; the rest of all stays due', () => {
    const policy = { catchUp: 'all', overlap: 'queue' } as const;
    const handledUntil = at('00:00:00');
    const now = minutesLater(handledUntil, WAITING_MAX + 20.5);
    const first = decide(everyMinute, policy, situation({ now, handledUntil, waiting: 10 }));
    expect(first.kept).toHaveLength(WAITING_MAX - 10);
    expect(first.handledUntil).toEqual(first.kept.at(-1));
    const full = decide(everyMinute, policy, situation({ ...first, now, waiting: WAITING_MAX, isBusy: true }));
    expect(full).toEqual({ handledUntil: first.handledUntil, kept: [], isReplacing: false });
    const second = decide(everyMinute, policy, situation({ ...first, now, waiting: WAITING_MAX - 500, isBusy: true }));
    expect([...first.kept, ...second.kept]).toEqual([...everyMinute.between(handledUntil, now)]);
  });

  it('is never dropped in a full queue when all is to be caught up with', () => {
    const full = situation({ waiting: WAITING_MAX, isBusy: true });
    expect(decide(everyMinute, { catchUp: 'all', overlap: 'queue' }, full)).toEqual({
      ...{ handledUntil: full.handledUntil, kept: [], isReplacing: false },
    });
    expect(decide(everyMinute, { catchUp: 'none', overlap: 'queue' }, full).dropped?.tick).toEqual(at('01:00:00'));
  });

  it('names the newest tick that is left out', () => {
    const missed = situation({ handledUntil: at('00:10:00') });
    const left = (catchUp: 'none' | 'latest' | { readonly atMost: number }) =>
      decide(everyMinute, { catchUp, overlap: 'skip' }, missed).dropped?.tick;
    expect([left('none'), left('latest'), left({ atMost: 5 }), left({ atMost: 1_000 })]).toEqual([
      ...[at('00:59:00'), at('00:59:00'), at('00:55:00'), undefined],
    ]);
  });

  it('is only the newest when each replaces the one before', () => {
    const policy = { catchUp: 'latest', overlap: 'replace' } as const;
    const decision = decide(everyMinute, policy, situation({ handledUntil: at('00:10:00'), isBusy: true }));
    expect(decision).toMatchObject({ kept: [at('01:00:00')], isReplacing: true, handledUntil: at('01:00:00') });
  });

  it('asks no clock of another process to be exact', () => {
    const ahead = situation({ handledUntil: at('01:00:50') });
    expect(decide(everyMinute, { catchUp: 'all', overlap: 'skip' }, ahead).handledUntil).toEqual(ahead.handledUntil);
    const years = situation({ handledUntil: new Date('2030-01-01T00:00Z') });
    expect(decide(everyMinute, { catchUp: 'all', overlap: 'skip' }, years).handledUntil).toEqual(years.now);
  });
});
