import { describe, expect, it } from 'vitest';
import type { ModelVersion } from '#api';
import { metricNames, toBounds, toPlace } from '../../../src/web/pages/models/metrics.ts';

const version = (metrics: ModelVersion['metrics']): ModelVersion => ({
  model: 'm',
  version: 1,
  estimator: 'knn',
  aliases: [],
  metrics,
  createdAt: '2026-11-21T10:00:00.000Z',
  runId: null,
  trainedOn: { datasetVersion: 'd', rows: 1, features: [] },
});

describe('comparing metrics', () => {
  it('keeps every interval within its bounds', () => {
    const versions = [
      version({ accuracy: { value: 0.8, low: 0.7, high: 0.9 } }),
      version({ accuracy: { value: 0.6 } }),
    ];
    const bounds = toBounds('accuracy', versions);
    for (const value of [0.6, 0.7, 0.8, 0.9]) {
      expect(toPlace(value, bounds)).toBeGreaterThan(0);
      expect(toPlace(value, bounds)).toBeLessThan(100);
    }
  });

  it('has room also where all values are equal or none is known', () => {
    expect(toPlace(0, toBounds('loss', [version({ loss: { value: 0 } })]))).toBe(50);
    expect(toBounds('loss', [version({})])).toEqual({ low: 0, high: 1 });
  });

  it('names each metric once', () => {
    expect(
      metricNames([version({ a: { value: 1 }, b: { value: 1 } }), version({ b: { value: 1 }, c: { value: 1 } })]),
    ).toEqual(['a', 'b', 'c']);
  });
});
