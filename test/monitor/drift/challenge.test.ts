import { describe, expect, it } from 'vitest';
import { maybeChallenge } from '#monitor';

describe('a challenger', () => {
  it('differs by the share of rows with another class', () => {
    const pairs = ['yes', 'no', 'no', 'yes'].map((challenger) => ({ stored: 'no', challenger }));
    expect(maybeChallenge(3, pairs)).toEqual({ version: 3, rows: 4, difference: 0.5 });
  });

  it('differs in numbers by their mean absolute difference', () => {
    const pairs = [
      { stored: 10, challenger: 12 },
      { stored: 10, challenger: 7 },
    ];
    expect(maybeChallenge(3, pairs)).toEqual({ version: 3, rows: 2, difference: 2.5 });
  });

  it('that predicts of another kind differs in each row', () => {
    expect(maybeChallenge(3, [{ stored: 1, challenger: '1' }])?.difference).toBe(1);
  });

  it('is not compared without rows', () => expect(maybeChallenge(3, [])).toBeUndefined());
});
