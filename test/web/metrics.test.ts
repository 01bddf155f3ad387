import { describe, expect, it } from 'vitest';
import { inUsualOrder, toMetricTitle } from '../../src/web/metrics.ts';

describe('metrics as people read them', () => {
  it('puts the usual ones first, and the rest by name', () => {
    expect(inUsualOrder(['zeta', 'auc', 'brier', 'accuracy', 'auc'])).toEqual(['accuracy', 'auc', 'brier', 'zeta']);
  });

  it('writes them as people do', () => {
    expect(['auc', 'f1_macro', 'log_loss'].map(toMetricTitle)).toEqual(['AUC', 'F1, macro', 'Log loss']);
  });
});
