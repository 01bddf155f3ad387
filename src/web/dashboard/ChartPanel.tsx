import { Skeleton, useComputedColorScheme } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { describeChart, type ToOption } from './chart-options.ts';
import type { PanelView } from './panel-view.ts';

const Chart = lazy(() => import('./Chart.tsx').then(({ Chart: component }) => ({ default: component })));

interface ChartPanelProps {
  readonly view: PanelView;
  readonly toOption: ToOption;
}

/** A chart panel; the chart library is loaded on demand. */
export function ChartPanel({ view, toOption }: ChartPanelProps) {
  const scheme = useComputedColorScheme('light');
  const label = useMemo(() => describeChart(view), [view]);
  return (
    <Suspense fallback={<Skeleton height="100%" radius="md" />}>
      <Chart toOption={(isNarrow) => toOption(view, { scheme, isNarrow })} label={label} />
    </Suspense>
  );
}
