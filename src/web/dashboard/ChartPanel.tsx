import { Skeleton, useComputedColorScheme } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import type { ToOption } from './chart-frame.ts';
import { describeChart } from './chart-options.ts';
import type { PanelView } from './panel-view.ts';

const Chart = lazy(() => import('./Chart.tsx').then(({ Chart: component }) => ({ default: component })));

interface ChartPanelProps {
  readonly view: PanelView;
  readonly toOption: ToOption;
  /** What it shows, for those who cannot see it; from its values unless given. */
  readonly label?: string;
}

/** A chart panel; the chart library is loaded on demand. */
export function ChartPanel({ view, toOption, label: given }: ChartPanelProps) {
  const scheme = useComputedColorScheme('light');
  const label = useMemo(() => given ?? describeChart(view), [given, view]);
  return (
    <Suspense fallback={<Skeleton height="100%" radius="md" />}>
      <Chart toOption={(isNarrow) => toOption(view, { scheme, isNarrow })} label={label} />
    </Suspense>
  );
}
