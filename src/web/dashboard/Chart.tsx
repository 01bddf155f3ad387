import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';

use([
  BarChart,
  LineChart,
  HeatmapChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
  SVGRenderer,
]);

const NARROW_PX = 460;

/** A mark of a chart, by its places in the options. */
export interface ClickedItem {
  readonly series: number;
  readonly item: number;
}

interface ChartProps {
  readonly toOption: (isNarrow: boolean) => EChartsCoreOption;
  readonly label: string;
  readonly onClick?: (item: ClickedItem) => void;
}

/** An ECharts drawing that fills the space it is in and follows it. */
export function Chart({ toOption, label, onClick }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const draw = useRef<() => void>(() => {});
  const click = useRef(onClick);
  click.current = onClick;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const created = init(element, undefined, { renderer: 'svg' });
    chart.current = created;
    created.on('click', ({ seriesIndex, dataIndex }) => {
      if (seriesIndex !== undefined) click.current?.({ series: seriesIndex, item: dataIndex });
    });
    const observer = new ResizeObserver(() => {
      created.resize();
      draw.current();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    draw.current = () =>
      chart.current?.setOption(toOption((place.current?.clientWidth ?? 0) < NARROW_PX), { notMerge: true });
    draw.current();
  }, [toOption]);
  return <div ref={place} style={{ height: '100%', width: '100%' }} role="img" aria-label={label} />;
}
