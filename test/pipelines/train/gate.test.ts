import { describe, expect, it } from 'vitest';
import { gate, scoreOf } from '../../../src/pipelines/train/gate.ts';

describe('scoreOf', () => {
  it('is the share of right classes', () => {
    const predictions = [{ value: 'yes' }, { value: 'no' }, { value: 'no' }];
    const rows = [{ answer: 'yes' }, { answer: 'yes' }, { answer: 'no' }];
    expect(scoreOf(predictions, { rows, label: 'answer' })).toEqual({ metric: 'accuracy', value: 2 / 3 });
  });

  it('is the root mean squared error of numbers', () => {
    const score = scoreOf([{ value: 1 }, { value: 5 }], { rows: [{ y: 4 }, { y: 1 }], label: 'y' });
    expect(score).toEqual({ metric: 'root mean squared error', value: Math.sqrt(12.5) });
  });
});

describe('gate', () => {
  const accuracy = (value: number) => ({ metric: 'accuracy' as const, value });

  it('lets the first model through', () => {
    expect(gate(accuracy(0.1), { champion: undefined, tolerance: 0 }).promote).toBe(true);
  });

  it('lets an equal model through, and one worse by less than the tolerance', () => {
    expect(gate(accuracy(0.8), { champion: accuracy(0.8), tolerance: 0 }).promote).toBe(true);
    expect(gate(accuracy(0.795), { champion: accuracy(0.8), tolerance: 0.01 }).promote).toBe(true);
  });

  it('keeps the champion from a model that is worse, and says by how much', () => {
    const decision = gate(accuracy(0.7), { champion: accuracy(0.8), tolerance: 0.01 });
    expect(decision).toEqual({
      promote: false,
      reason:
        'accuracy 0.7000 against 0.8000 of the champion on the same test rows: worse by more than the tolerance of 0.01',
    });
  });

  it('takes the tolerance of an error as a share of it', () => {
    const rmse = (value: number) => ({ metric: 'root mean squared error' as const, value });
    expect(gate(rmse(105), { champion: rmse(100), tolerance: 0.1 }).promote).toBe(true);
    expect(gate(rmse(95), { champion: rmse(100), tolerance: 0.1 })).toEqual({
      promote: true,
      reason: 'root mean squared error 95.0000 against 100.0000 of the champion on the same test rows',
    });
    expect(gate(rmse(115), { champion: rmse(100), tolerance: 0.1 }).promote).toBe(false);
  });
});
