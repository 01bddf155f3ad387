import { describe, expect, it } from 'vitest';
import { type LongWorkEffects, showLongWork } from '../../../src/app/cli/long-work.ts';

/** A world whose clock is moved by hand; the work runs while `pass` is called. */
function world(isTerminal: boolean) {
  const written: string[] = [];
  const state: { now: number; next: number; tick?: () => void; ms: number; stopped: boolean } = {
    ...{ now: 0, next: 0, ms: 0, stopped: false },
  };
  const effects: LongWorkEffects = {
    isTerminal,
    write: (text) => void written.push(text),
    now: () => state.now,
    every: (ms, tick) => {
      Object.assign(state, { ms, tick, next: ms });
      return () => {
        state.stopped = true;
      };
    },
  };
  const pass = (ms: number): void => {
    const until = state.now + ms;
    while (state.next <= until) {
      state.now = state.next;
      state.tick?.();
      state.next += state.ms;
    }
    state.now = until;
  };
  return { effects, pass, written, state };
}

describe('the progress of long work', () => {
  it.each([true, false])('is nothing under a second (terminal: %s)', async (isTerminal) => {
    const { effects, pass, written, state } = world(isTerminal);
    const work = async (): Promise<string> => {
      pass(999);
      return 'done';
    };
    expect(await showLongWork('Reading', work, effects)).toBe('done');
    expect(written).toEqual([]);
    expect(state.stopped).toBe(true);
  });

  it('is a line every few seconds where there is no terminal', async () => {
    const { effects, pass, written } = world(false);
    const work = async (report: (share: number) => void): Promise<void> => {
      pass(6000);
      report(0.5);
      pass(6000);
    };
    await showLongWork('Reading', work, effects);
    expect(written).toEqual(['Reading: 5 s\n', 'Reading: 50 %, 10 s\n']);
  });

  it('is a bar in a terminal, and gone at the end, also when the work fails', async () => {
    const { effects, pass, written, state } = world(true);
    const work = async (report: (share: number) => void): Promise<void> => {
      report(0.25);
      pass(1100);
      throw new Error('torn');
    };
    await expect(showLongWork('Reading', work, effects)).rejects.toThrow('torn');
    expect(written.at(0)).toBe(`\r\u001b[KReading ${'█'.repeat(6)}${'░'.repeat(18)} 25 %, 1 s`);
    expect(written.at(-1)).toBe('\r\u001b[K');
    expect(state.stopped).toBe(true);
  });

  it('moves when nobody knows how much is left', async () => {
    const { effects, pass, written } = world(true);
    await showLongWork('Reading', async () => pass(2000), effects);
    const bars = new Set(written.slice(0, -1).map((text) => text.replace(/\d+ s$/, '')));
    expect(bars.size).toBeGreaterThan(3);
    for (const bar of bars) expect(bar.match(/█/g)).toHaveLength(6);
  });
});
