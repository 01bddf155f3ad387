import { describe, expect, it } from 'vitest';
import { permutationImportance } from '../../../src/ml/evaluation/permutation-importance.ts';
import type { FeatureRow, Prediction } from '../../../src/ml/prediction.ts';

const rows: readonly FeatureRow[] = Array.from({ length: 200 }, (_, at) => ({
  weight: at % 20,
  speed: at % 7,
  idle: at,
}));
const columns = ['weight', 'speed', 'idle'];

describe('permutationImportance', () => {
  it('gives the columns that a regression needs their share of the error, and the others none', () => {
    const predict = (of: readonly FeatureRow[]): Prediction[] =>
      of.map(({ weight, speed }) => ({ value: 3 * Number(weight) + Number(speed) }));
    const values = Float64Array.from(predict(rows), ({ value }) => Number(value));
    const found = permutationImportance(predict, {
      rows,
      labels: { label: { kind: 'regression' }, values },
      columns,
      seed: 1,
    });
    expect(found.weight).toBeGreaterThan(0.9);
    expect(found.speed).toBeGreaterThan(0);
    expect(found.idle).toBe(0);
    expect((found.weight ?? 0) + (found.speed ?? 0)).toBeCloseTo(1, 12);
  });

  it('is the same for the same seed, and nothing where a model ignores its columns', () => {
    const label = { kind: 'classification', classes: ['no', 'yes'] } as const;
    const labels = { label, values: Float64Array.from(rows, ({ weight }) => (Number(weight) > 9 ? 1 : 0)) };
    const predict = (of: readonly FeatureRow[]): Prediction[] =>
      of.map(({ weight }) => {
        const yes = Number(weight) > 9 ? 0.8 : 0.3;
        return {
          value: yes > 0.5 ? 'yes' : 'no',
          probability: Math.max(yes, 1 - yes),
          probabilities: { no: 1 - yes, yes },
        };
      });
    const asked = { rows, labels, columns, seed: 7 };
    expect(permutationImportance(predict, asked)).toEqual({ weight: 1, speed: 0, idle: 0 });
    expect(permutationImportance(predict, asked)).toEqual(permutationImportance(predict, asked));
    const constant = (of: readonly FeatureRow[]): Prediction[] =>
      of.map(() => ({ value: 'no', probabilities: { no: 1, yes: 0 } }));
    expect(permutationImportance(constant, asked)).toEqual({ weight: 0, speed: 0, idle: 0 });
  });
});
