import { Skeleton, useComputedColorScheme } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import type { ClickedItem } from './Chart.tsx';
import type { ToOption } from './chart-frame.ts';
import { describeChart } from './chart-options.ts';
import type { PickedBar } from './drill.ts';
import type { PanelView } from './panel-view.ts';
import { toTimeTable } from './series.ts';

const Chart = lazy(() => import('./Chart.tsx').then(({ Chart: component }) => ({ default: component })));

interface ChartPanelProps {
  readonly view: PanelView;
  readonly toOption: ToOption;
  /** What it shows, for those who cannot see it; from its values unless given. */
  readonly label?: string;
  /** Called when a bar over time is clicked. */
  readonly onPick?: (bar: PickedBar) => void;
}

/** A chart panel; the chart library is loaded on demand. */
export function ChartPanel({ view, toOption, label: given, onPick }: ChartPanelProps) {
  const scheme = useComputedColorScheme('light');
  const label = useMemo(() => given ?? describeChart(view), [given, view]);
  return (
    <Suspense fallback={<Skeleton height="100%" radius="md" />}>
      <Chart
        toOption={(isNarrow) => toOption(view, { scheme, isNarrow })}
        label={label}
        {...(onPick === undefined || view.panel.link === undefined ? {} : { onClick: (at) => onPick(barAt(view, at)) })}
      />
    </Suspense>
  );
}

/** The bar that was drawn at a place. */
function barAt({ rows }: PanelView, { series: place, item }: ClickedItem): PickedBar {
  const { times, series } = toTimeTable(rows, null);
  return { time: times[item] ?? 0, metric: series[place]?.name ?? '' };
}
