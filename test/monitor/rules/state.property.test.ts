import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  initialState,
  NO_DATA_MS,
  nextState,
  noticeOf,
  RECOVERY_MS,
  REMINDER_MS,
  RESOLVED_MS,
  type RuleNotice,
  type RuleSignal,
  type RuleState,
} from '../../../src/monitor/rules/state.ts';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-01T00:00:00Z');

interface Minute {
  readonly signal: RuleSignal;
  readonly isMuted: boolean;
}

interface Told extends Minute {
  readonly at: number;
  readonly state: RuleState;
  readonly notice: RuleNotice | undefined;
}

/** What a rule does, minute by minute. */
function live(minutes: readonly Minute[], { forMinutes = 0, tellsNoData = false } = {}): readonly Told[] {
  let state = initialState(new Date(START));
  return minutes.map((minute, index) => {
    const at = new Date(START + index * MINUTE_MS);
    const moved = nextState(state, minute.signal, { at, forMinutes });
    const told = noticeOf(moved, { at, isMuted: minute.isMuted, isAcknowledged: true, tellsNoData });
    state = told.state;
    return { ...minute, at: at.getTime(), ...told };
  });
}

/** Stretches of one signal, because a signal that changes each minute never lasts for anything. */
const minutes = fc
  .array(
    fc.record({
      signal: fc.constantFrom<RuleSignal>('met', 'clear', 'no-data', 'off'),
      isMuted: fc.constantFrom(false, false, false, true),
      length: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((stretches) => stretches.flatMap(({ length, ...minute }) => Array.from({ length }, () => minute)));
const options = fc.record({ forMinutes: fc.integer({ min: 0, max: 8 }), tellsNoData: fc.boolean() });
const notices = (told: readonly Told[]) => told.flatMap(({ notice }) => notice ?? []);
const stretch = (signal: RuleSignal, length: number, isMuted = false): Minute[] =>
  Array.from({ length }, () => ({ signal, isMuted }));

describe('an alert rule', () => {
  it('tells of each problem once, and of its end once', () => {
    fc.assert(
      fc.property(minutes, options, (given, chosen) => {
        let last: RuleNotice = 'recovered';
        for (const notice of notices(live(given, chosen))) {
          expect(notice).not.toBe(last);
          last = notice;
        }
      }),
    );
  });

  it('fires only after its condition was met for long enough', () => {
    fc.assert(
      fc.property(minutes, options, (given, chosen) => {
        const told = live(given, chosen);
        for (const [index, { state }] of told.entries()) {
          if (state.name !== 'firing' || told[index - 1]?.state.name === 'firing') continue;
          const before = told.slice(index - chosen.forMinutes, index + 1);
          expect(before).toHaveLength(chosen.forMinutes + 1);
          expect(before.every(({ signal }) => signal === 'met')).toBe(true);
        }
      }),
    );
  });

  it('resolves only after nothing was wrong for five minutes, or when it is switched off', () => {
    fc.assert(
      fc.property(minutes, options, (given, chosen) => {
        const told = live(given, chosen);
        for (const [index, { state, signal }] of told.entries()) {
          if (state.name === 'firing' || told[index - 1]?.state.name !== 'firing' || signal === 'off') continue;
          const before = told.slice(index - RECOVERY_MS / MINUTE_MS, index + 1);
          expect(state.name).toBe('resolved');
          expect(before.every((each) => each.signal === 'clear')).toBe(true);
        }
      }),
    );
  });

  it('gives no notice while it is muted, and tells what is still true afterwards', () => {
    fc.assert(
      fc.property(minutes, options, (given, chosen) => {
        const told = live([...given, ...stretch('clear', 70)], chosen);
        expect(told.filter(({ isMuted, notice }) => isMuted && notice !== undefined)).toEqual([]);
        expect(told.at(-1)?.state).toMatchObject({ name: 'ok', told: null });
      }),
    );
    const muted = live([...stretch('met', 5, true), ...stretch('met', 5)]);
    expect(notices(muted)).toEqual(['firing']);
    const over = live([...stretch('met', 5, true), ...stretch('clear', 20, true), ...stretch('clear', 5)]);
    expect(notices(over)).toEqual([]);
  });

  it('gives one notice while its condition comes and goes', () => {
    const flapping = Array.from({ length: 20 }, () => [...stretch('met', 1), ...stretch('clear', 4)]).flat();
    expect(notices(live(flapping))).toEqual(['firing']);
  });

  it('keeps firing without data, because nobody knows that it is over', () => {
    const told = live([...stretch('met', 2), ...stretch('no-data', 100), ...stretch('clear', 7)]);
    expect(notices(told)).toEqual(['firing', 'recovered']);
    expect(told[100]?.state.name).toBe('firing');
  });

  it('tells of missing data once, unless it never had some or says nothing of it', () => {
    const missing = [
      ...stretch('clear', 2),
      ...stretch('no-data', 2 * (NO_DATA_MS / MINUTE_MS)),
      ...stretch('clear', 2),
    ];
    expect(notices(live(missing, { tellsNoData: true }))).toEqual(['no-data', 'recovered']);
    expect(notices(live(missing))).toEqual([]);
    expect(notices(live(stretch('no-data', 100), { tellsNoData: true }))).toEqual([]);
  });

  it('is resolved for an hour, then ok', () => {
    const told = live([...stretch('met', 1), ...stretch('clear', 80)]);
    const names = told.map(({ state }) => state.name);
    expect(names.filter((name) => name === 'resolved')).toHaveLength(RESOLVED_MS / MINUTE_MS);
    expect(names.at(-1)).toBe('ok');
  });

  it('is repeated each day while it fires and nobody has acknowledged it', () => {
    const at = new Date(START);
    const later = new Date(START + REMINDER_MS);
    const asked = { isMuted: false, tellsNoData: false, isAcknowledged: false };
    const { state } = noticeOf(nextState(initialState(at), 'met', { at, forMinutes: 0 }), { ...asked, at });
    expect(noticeOf(state, { ...asked, at: new Date(later.getTime() - 1) }).notice).toBeUndefined();
    expect(noticeOf(state, { ...asked, at: later }).notice).toBe('reminder');
    expect(noticeOf(state, { ...asked, at: later, isAcknowledged: true }).notice).toBeUndefined();
  });
});
