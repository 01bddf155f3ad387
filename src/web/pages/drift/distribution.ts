import type { DriftBin, DriftColumn, Panel } from '#api';
import { toRangeText } from '../../dashboard/histogram-table.ts';
import type { PanelRow, PanelView } from '../../dashboard/panel-view.ts';
import { NOTHING, type NumberStyle, toCountText, toFeatureText, toShareText } from '../../format.ts';

/** A bin as shares of the rows that it was counted among; `before` is null without a window before. */
export interface ComparedBin {
  readonly name: string;
  readonly reference: number;
  readonly before: number | null;
  readonly current: number;
  /** What it adds to the population stability index. */
  readonly stability: number;
}

interface Naming {
  /** How numbers of the column are written. */
  readonly style?: NumberStyle | undefined;
}

/** The bins of a column as shares, so that samples of any size compare. */
export function toComparedBins(bins: readonly DriftBin[], { style = {} }: Naming = {}): readonly ComparedBin[] {
  const total = (count: (bin: DriftBin) => number): number => bins.reduce((sum, bin) => sum + count(bin), 0) || 1;
  const [reference, current] = [total((bin) => bin.reference), total((bin) => bin.current)];
  const hasBefore = bins.some(({ before }) => before !== null);
  const before = total((bin) => bin.before ?? 0);
  return bins.map((bin) => ({
    name: toBinName(bin, style),
    reference: bin.reference / reference,
    before: hasBefore ? (bin.before ?? 0) / before : null,
    current: bin.current / current,
    stability: bin.stability,
  }));
}

function toBinName(bin: DriftBin, style: NumberStyle): string {
  switch (bin.kind) {
    case 'category':
      return bin.isNew ? `${bin.name} (new)` : bin.name;
    case 'others':
      return toCountText(bin.categories, 'rarer category', 'rarer categories');
    case 'range':
      if (isMoment(style)) return [bin.from, bin.to].map((time) => toFeatureText(time, style)).join(' to ');
      return toRangeText({ low: bin.from ?? undefined, high: bin.to ?? undefined }, style);
    default:
      return bin satisfies never;
  }
}

const isMoment = ({ kind }: NumberStyle): boolean => kind === 'timestamp' || kind === 'date';

/** Whether the bins are ranges of numbers, which have an axis; times and categories have names. */
export function isOfNumbers(bins: readonly DriftBin[], style: NumberStyle = {}): boolean {
  return bins.every(({ kind }) => kind === 'range') && !isMoment(style);
}

/** The reference of predictions is what the model predicted for rows that it had not learned from. */
export function toReferenceTitle(subject: DriftColumn['subject']): string {
  return subject === 'feature' ? 'Training' : 'Test part';
}
const WINDOW_TITLE = 'This window';
const BEFORE_TITLE = 'Window before';

/** The distributions of a column side by side, as a panel of a dashboard. */
export function toDistributionView({ subject, column, bins }: DriftColumn, { style }: Naming = {}): PanelView {
  const isNumeric = isOfNumbers(bins, style);
  const compared = toComparedBins(bins, { style });
  const series = [
    { metric: toReferenceTitle(subject), shareOf: (bin: ComparedBin) => bin.reference },
    { metric: WINDOW_TITLE, shareOf: (bin: ComparedBin) => bin.current },
    { metric: BEFORE_TITLE, shareOf: (bin: ComparedBin) => bin.before },
  ];
  const rows = series.flatMap(({ metric, shareOf }) =>
    compared.flatMap((bin, index): PanelRow[] => {
      const share = shareOf(bin);
      const given = bins[index];
      const place = isNumeric && given?.kind === 'range' ? { low: given.from, high: given.to } : { category: bin.name };
      return share === null ? [] : [{ ...place, metric, value: share * 100 }];
    }),
  );
  return { panel: toPanel(column, { isNumeric, subject }), rows, from: '', to: '', label: style };
}

function toPanel(
  title: string,
  { isNumeric, subject }: { readonly isNumeric: boolean; readonly subject: DriftColumn['subject'] },
): Panel {
  return {
    ...{ id: 'distribution', title, kind: isNumeric ? 'histogram' : 'categories', unit: 'percent', thresholds: [] },
    ...{ colors: { [toReferenceTitle(subject)]: 'grey', [WINDOW_TITLE]: 'blue' }, width: 24, height: 8 },
  };
}

/** What the chart shows, for those who cannot see it: where the window differs most. */
export function describeDistribution(title: string, bins: readonly ComparedBin[]): string {
  const most = bins.toSorted((a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference))[0];
  if (most === undefined) return `${title}: ${NOTHING}`;
  return `Distribution of ${title}. It differs most at ${most.name}: ${toShareText(most.reference)} of the reference, ${toShareText(most.current)} of this window.`;
}
