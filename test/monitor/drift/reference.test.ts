import { describe, expect, it } from 'vitest';
import {
  decodeReference,
  encodeReference,
  samplePredictions,
  sampleRows,
} from '../../../src/monitor/drift/reference.ts';

const rows = [
  { weight: 2.5, size: 'small', sent: '2026-03-01T12:00:00Z', fragile: true },
  { weight: null, size: 'large', sent: '2026-02-01', fragile: false },
  { weight: 0.1, size: 'small', sent: null, fragile: null },
];

describe('a sample of rows', () => {
  it('has decimals as numbers, and times and durations as hours', () => {
    const parcels = [
      { price: '12.50', picked: '09:30', took: 'PT90M' },
      { price: '-0.01', picked: '00:00:36', took: '-P1D' },
    ];
    const { price, picked, took } = sampleRows({ price: 'number', picked: 'number', took: 'number' }, parcels);
    expect([price, picked, took].map((sample) => sample?.kind === 'number' && [...sample.sorted])).toEqual([
      [-0.01, 12.5],
      [0.01, 9.5],
      [-24, 1.5],
    ]);
  });
});

describe('the reference of a model version', () => {
  it('is unchanged by a round trip', () => {
    const features = sampleRows({ weight: 'number', size: 'category', sent: 'number', fragile: 'category' }, rows);
    const predictions = samplePredictions([
      { value: 'kept', probability: 0.9 },
      { value: 'lost', probability: 0.6 },
    ]);
    const reference = { features, predictions, importance: { weight: 0.75, size: 0.25 } };
    expect(decodeReference(encodeReference(reference))).toEqual(reference);
    expect(features.weight).toEqual({ kind: 'number', rows: 3, missing: 1, sorted: Float64Array.of(0.1, 2.5) });
    expect(features.sent).toMatchObject({
      missing: 1,
      sorted: Float64Array.of(Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1, 12)),
    });
    expect(features.fragile).toMatchObject({
      missing: 1,
      counts: new Map([
        ['true', 1],
        ['false', 1],
      ]),
    });
  });

  it('has no confidences where numbers are predicted', () => {
    expect(samplePredictions([{ value: 1 }, { value: 2 }])).toEqual({
      prediction: { kind: 'number', rows: 2, missing: 0, sorted: Float64Array.of(1, 2) },
    });
  });

  it('is the same bytes for the same rows in another order', () => {
    const bytes = (of: typeof rows) =>
      encodeReference({
        features: sampleRows({ weight: 'number', size: 'category' }, of),
        predictions: {},
        importance: {},
      });
    expect(bytes(rows)).toEqual(bytes([...rows].reverse()));
  });

  it('is refused when it is something else', () => {
    expect(() => decodeReference(new TextEncoder().encode('{"format":2}'))).toThrow('Train the model again');
  });
});
