import { describe, expect, it } from 'vitest';
import { toAsOf } from '../../../src/app/cli/flags.ts';

describe('--as-of', () => {
  it.each([
    ['17', { version: '17' }],
    ['run:12', { runId: '12' }],
    ['2026-01-31', { time: new Date('2026-01-31T00:00:00Z') }],
    ['2026-01-31T06:00:00Z', { time: new Date('2026-01-31T06:00:00Z') }],
  ])('takes %s', (text, expected) => {
    expect(toAsOf(text)).toEqual(expected);
  });

  it.each(['run:', 'run:last', 'yesterday', '-1', ''])('refuses %j and says what it takes', (text) => {
    expect(() => toAsOf(text)).toThrow('Expected a version such as 17, a run such as run:12, or a time such as');
  });
});
