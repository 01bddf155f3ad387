import { describe, expect, it } from 'vitest';
import type { Panel } from '#api';
import { toListPlace, toWindowPlace } from '../../../src/web/dashboard/drill.ts';
import { toLocalText, toMoment } from '../../../src/web/pages/dashboards/local-time.ts';

const panel: Panel = {
  ...{ id: 'files', title: 'Files', kind: 'bars', unit: 'count', thresholds: [], width: 12, height: 8 },
  link: { list: 'files', metric: 'verdict' },
};
const time = Date.parse('2026-03-01T10:00:00Z');

describe('a click on a bar', () => {
  it('leads to the files of its bucket, with the verdict of the bar', () => {
    expect(toListPlace(panel, { time, metric: 'fail' }, 300)).toEqual({
      to: '/data',
      search: { from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T10:04:59.999Z', verdict: 'fail' },
    });
  });

  it('leads to predictions where the panel counts those', () => {
    const predictions: Panel = { ...panel, link: { list: 'predictions' } };
    expect(toListPlace(predictions, { time, metric: 'version 3' }, 60)).toEqual({
      to: '/past-predictions',
      search: { from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T10:00:59.999Z' },
    });
  });

  it('leads nowhere where nothing is listed', () => {
    const { link: _, ...unlinked } = panel;
    expect(toListPlace(unlinked, { time, metric: 'fail' }, 60)).toBeUndefined();
  });
});

describe('the link of a panel', () => {
  it('leads to the list over the whole window', () => {
    const window = { from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T10:30:00.000Z' };
    expect(toWindowPlace(panel, window)).toEqual({ to: '/data', search: window });
  });
});

describe('a field for local times', () => {
  it('shows a moment as it stands in the zone, and gives it back', () => {
    const text = toLocalText('2026-03-01T10:30:00.000Z');
    expect(text).toMatch(/^2026-0[23]-\d\dT\d\d:\d\d$/);
    expect(toMoment(text)).toBe('2026-03-01T10:30:00.000Z');
  });

  it.each(['', 'tomorrow', '2026-03-01'])('has no moment while it holds %j', (text) => {
    expect(toMoment(text)).toBeUndefined();
  });
});
