import { describe, expect, it } from 'vitest';
import type { DriftColumn } from '#api';
import { toHistogramTable } from '../../../src/web/dashboard/histogram-table.ts';
import { toCategoryTable } from '../../../src/web/dashboard/series.ts';
import { describeDistribution, toComparedBins, toDistributionView } from '../../../src/web/pages/drift/distribution.ts';
import {
  type DriftScore,
  daysOf,
  leadingScore,
  toColumnTitle,
  toPValueText,
  toScoreSentence,
  toWindowText,
  windowLook,
} from '../../../src/web/pages/drift/words.ts';
import { COLUMNS } from '../columns.ts';

const score = (given: Partial<DriftScore>): DriftScore => ({
  ...{ kind: 'distribution', test: 'kolmogorov-smirnov', rows: { reference: 1400, current: 240 }, effect: 0.04 },
  ...{
    effectMin: 0.1,
    pValue: 0.61,
    pValueMax: null,
    threshold: 0.12,
    stabilityIndex: null,
    stabilityThreshold: null,
    verdict: 'stable',
    driftedWindows: 0,
  },
  ...{ isSustained: false, examples: [], ...given },
});

type Bin = DriftColumn['bins'][number];
const rows = { reference: 0, current: 0, before: null, stability: 0 };
const range = (given: Partial<Extract<Bin, { kind: 'range' }>>): Bin => ({
  ...rows,
  kind: 'range',
  from: null,
  to: null,
  ...given,
});
const category = (name: string, given: Partial<Extract<Bin, { kind: 'category' }>> = {}): Bin => ({
  ...{ ...rows, kind: 'category', name, isNew: false, ...given },
});

const column = (given: Partial<DriftColumn>): DriftColumn => ({
  ...{
    subject: 'feature',
    column: 'age',
    importance: 0.3,
    rank: 1,
    verdict: 'drifted',
    scores: [],
    bins: [],
    ...given,
  },
});

describe('the verdict on a comparison', () => {
  it('is one sentence with its numbers', () => {
    expect(toScoreSentence(score({}), { k: 2, n: 3 })).toBe(
      'The values are distributed as in the reference, up to a distance of 0.04; drift begins at 0.12 (Kolmogorov–Smirnov test, 1,400 rows of the reference and 240 of the window, p = 0.61).',
    );
  });

  it('says in how many of the last windows it drifted, and whether that is sustained', () => {
    const drifted = score({ verdict: 'drifted', effect: 0.4, pValue: 1e-9, driftedWindows: 2, isSustained: true });
    expect(toScoreSentence(drifted, { k: 2, n: 3 })).toMatch(
      /by a distance of 0.4; .* p < 0.0001\)\. Drifted in 2 of the last 3 windows, which is sustained drift \(2 of 3\)\.$/,
    );
  });

  it('counts missing values, new categories and skew in shares of the rows', () => {
    const sentence = (given: Partial<DriftScore>) => toScoreSentence(score(given), { k: 2, n: 3 });
    expect(sentence({ kind: 'missing', effect: 0.062, test: 'fisher' })).toContain('differs by 6.2 % of the rows');
    expect(sentence({ kind: 'new-category', effect: 0.03 })).toContain('3 % of the rows have a category');
    expect(sentence({ kind: 'skew', effect: 0.008, threshold: null, pValue: null, test: 'replay' })).toMatch(
      /^0.8 % of the stored predictions differ .*; drift begins at 10 % \(1,400 rows of the reference and 240/,
    );
  });

  it('writes a tiny probability as a bound', () => {
    expect([toPValueText(0), toPValueText(0.0004)]).toEqual(['p < 0.0001', 'p = 0.0004']);
    expect(toPValueText(0.61, 0.0125)).toBe('p = 0.61, significant up to 0.0125');
  });
});

describe('a column of a window', () => {
  it('is represented by what drifted, else by what came nearest to it', () => {
    const near = score({ effect: 0.11 });
    const drifted = score({ kind: 'missing', effect: 0.06, effectMin: 0.05, threshold: 0.05, verdict: 'drifted' });
    expect(leadingScore({ scores: [score({}), near] })).toBe(near);
    expect(leadingScore({ scores: [near, drifted] })).toBe(drifted);
    expect(leadingScore({ scores: [] })).toBeUndefined();
  });

  it('has the label of the contract, and predictions that of what is predicted', () => {
    expect(toColumnTitle({ subject: 'feature', column: 'cabin_class' }, COLUMNS)).toBe('Class');
    expect(toColumnTitle({ subject: 'feature', column: 'gone' }, COLUMNS)).toBe('gone');
    expect(toColumnTitle({ subject: 'prediction', column: 'prediction' }, COLUMNS)).toBe('Prediction of survived');
  });
});

describe('a window', () => {
  it('has the day once when it is within one', () => {
    expect(toWindowText({ from: '2026-11-30T12:00:00.000Z', to: '2026-11-30T13:00:00.000Z' })).toMatch(
      /^30 Nov 2026, \d\d:00:00 to \d\d:00:00$/,
    );
    expect(toWindowText({ from: '2026-11-28T12:00:00.000Z', to: '2026-11-30T12:00:00.000Z' })).toMatch(
      /^28 Nov 2026, \d\d:00:00 to 30 Nov 2026, \d\d:00:00$/,
    );
  });

  it('ends the day before when it ends at midnight', () => {
    const day = { from: '2026-11-29T00:00:00.000Z', to: '2026-11-30T00:00:00.000Z' };
    expect(daysOf(day)).toEqual({ from: '2026-11-29', to: '2026-11-29' });
  });

  it('is worse when drift is sustained, and grey without a verdict', () => {
    const judged = { status: 'judged', verdict: 'drifted' } as const;
    expect(windowLook({ ...judged, isSustained: true }).tone).toBe('red');
    expect(windowLook(judged).tone).toBe('orange');
    expect(windowLook({ status: 'too-few-rows' })).toEqual({ tone: 'grey', word: 'Too few rows' });
  });
});

describe('distributions side by side', () => {
  const ages = [
    range({ to: 30, reference: 300, current: 20, before: 5 }),
    range({ from: 30, reference: 100, current: 60, before: 15 }),
  ];

  it('are shares of their rows, in the bins of the reference', () => {
    expect(toComparedBins(ages, { style: { unit: 'years' } })).toEqual([
      { name: 'below 30 years', reference: 0.75, current: 0.25, before: 0.25, stability: 0 },
      { name: '30 years and more', reference: 0.25, current: 0.75, before: 0.75, stability: 0 },
    ]);
    const { panel, rows: shares } = toDistributionView(column({ bins: ages }));
    expect(panel.kind).toBe('histogram');
    expect(toHistogramTable(shares).series).toEqual([
      { name: 'Training', values: [75, 25] },
      { name: 'This window', values: [25, 75] },
      { name: 'Window before', values: [25, 75] },
    ]);
  });

  it('leave out the window before where there is none, and name the reference of predictions', () => {
    const bins = [category('no', { reference: 3, current: 1 }), category('yes', { reference: 1, current: 1 })];
    const { panel, rows: shares } = toDistributionView(column({ subject: 'prediction', bins }));
    expect(panel.kind).toBe('categories');
    expect(toCategoryTable(shares)).toEqual({
      categories: ['no', 'yes'],
      series: [
        { name: 'Test part', values: [75, 25] },
        { name: 'This window', values: [50, 50] },
      ],
    });
  });

  it('name times, new categories and rare ones', () => {
    const style = { kind: 'date' } as const;
    const days = [range({ to: Date.UTC(2026, 2, 1) }), range({ from: Date.UTC(2026, 2, 1) })];
    expect(toComparedBins(days, { style }).map(({ name }) => name)).toEqual(['– to 1 Mar 2026', '1 Mar 2026 to –']);
    expect(toDistributionView(column({ bins: days }), { style }).panel.kind).toBe('categories');
    const bins: Bin[] = [category('a'), category('b', { isNew: true }), { ...rows, kind: 'others', categories: 3 }];
    expect(toComparedBins(bins).map(({ name }) => name)).toEqual(['a', 'b (new)', '3 rarer categories']);
  });

  it('have a sentence for those who cannot see them', () => {
    expect(describeDistribution('Age', toComparedBins(ages))).toBe(
      'Distribution of Age. It differs most at below 30: 75 % of the reference, 25 % of this window.',
    );
    const empty = [category('a'), category('b')];
    expect(toComparedBins(empty).map(({ reference, current, before }) => [reference, current, before])).toEqual([
      [0, 0, null],
      [0, 0, null],
    ]);
  });
});
