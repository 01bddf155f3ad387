import { describe, expect, it } from 'vitest';
import type { Panel } from '#api';
import { toAxisText, toValueScale, withoutBursts } from '../../../src/web/dashboard/value-scale.ts';

type Unit = Panel['unit'];
const labels = (values: readonly number[], unit: Unit): readonly string[] => {
  const scale = toValueScale(values, { unit });
  const count = Math.round((scale.max - scale.min) / scale.step);
  return Array.from({ length: count + 1 }, (_, at) => toAxisText(scale.min + at * scale.step, scale, { unit }));
};
const peaksOf = (values: readonly number[]) => values.map((value, time) => ({ time, value }));

describe('the axis of values', () => {
  it.each([
    ['count', [1], ['0', '1']],
    ['count', [0], ['0', '1']],
    ['count', [3], ['0', '1', '2', '3']],
    ['count', [1234], ['0', '500', '1,000', '1,500']],
    ['none', [1.1, 0.4], ['0.0', '0.5', '1.0', '1.5']],
    ['none', [-30, 20], ['-30', '-20', '-10', '0', '10', '20']],
    ['none', [0.012], ['0.000', '0.005', '0.010', '0.015']],
    ['percent', [0], ['0.0 %', '0.2 %', '0.4 %', '0.6 %', '0.8 %', '1.0 %']],
    ['percent', [97.3], ['0 %', '20 %', '40 %', '60 %', '80 %', '100 %']],
    ['milliseconds', [130_000], ['0 ms', '30 s', '1 min', '1 min 30 s', '2 min', '2 min 30 s']],
    ['seconds', [4 * 3600], ['0 ms', '1 h', '2 h', '3 h', '4 h']],
    ['bytes', [3_500_000], ['0 B', '1 MB', '2 MB', '3 MB', '4 MB']],
  ] as const)('has even steps that are round in %s: %j', (unit, values, texts) => {
    expect(labels(values, unit)).toEqual(texts);
  });

  it('never shows a fraction of a count', () => {
    for (let most = 0; most < 50; most += 1) expect(labels([most], 'count').join()).not.toContain('.');
  });

  it('names each step differently, whatever the size of the values', () => {
    for (const unit of ['none', 'percent', 'milliseconds', 'seconds', 'bytes', 'count'] as const) {
      for (const high of [0.0003, 0.02, 0.7, 1.04, 9, 61, 345, 7200, 1e5, 4e7]) {
        const texts = labels([high], unit);
        expect(new Set(texts).size, `${unit} ${high}: ${texts.join(' | ')}`).toBe(texts.length);
      }
    }
  });
});

describe('a burst', () => {
  const usual = [4, 6, 5, 7, 0, 5, 6, 4, 5, 6, 7, 5];

  it('makes no room for itself', () => {
    expect(Math.max(...withoutBursts(peaksOf([...usual, 900])))).toBe(7 * 1.25);
  });

  it('is no burst among as many others', () => {
    const values = [...usual, 900, 800, 850];
    expect(withoutBursts(peaksOf(values))).toEqual(values);
  });

  it('is no burst where it is not far above the others', () => {
    const values = [...usual, 20];
    expect(withoutBursts(peaksOf(values))).toEqual(values);
  });

  it('is no burst before there is anything usual', () => {
    const values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 900, 1, 2];
    expect(withoutBursts(peaksOf(values))).toEqual(values);
  });
});
