import { SimpleGrid, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { PerformanceAnswer } from '#api';
import { ChartPanel } from '../../dashboard/ChartPanel.tsx';
import type { ToOption } from '../../dashboard/chart-frame.ts';
import type { PanelView } from '../../dashboard/panel-view.ts';
import { toShareText } from '../../format.ts';
import { useLabelColumn } from '../../label-column.ts';
import { toMetricText } from '../../metrics.ts';
import {
  mainMetricOf,
  toMaturityOption,
  toMaturityView,
  toPerformanceOption,
  toPerformanceView,
  toSpanText,
} from './performance-view.ts';

const HEIGHT_PX = 250;

/** The metric over the days, realised and estimated, and how soon labels come. */
export function PerformanceCharts({ answer }: { readonly answer: PerformanceAnswer }) {
  const label = useLabelColumn();
  const metric = mainMetricOf(answer.total);
  const { maturity, labelsMin, total } = answer;
  const performance = useMemo(
    () => (metric === undefined ? undefined : toPerformanceView(answer, { metric, label })),
    [answer, metric, label],
  );
  const curve = useMemo(() => toMaturityView(maturity), [maturity]);
  const realised = metric && total.metrics[metric];
  const estimated = metric && total.estimate?.metrics[metric];
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" px="md" pb="md">
      {performance === undefined || metric === undefined ? null : (
        <Drawing
          view={performance}
          toOption={toPerformanceOption}
          about={`By the day of the prediction, with 95 % intervals; a grey point has fewer than ${labelsMin} labels`}
          label={`${performance.panel.title} by day: realised ${toMetricText(metric, realised?.value, label)}, estimated ${toMetricText(metric, estimated?.value, label)} over all days.`}
        />
      )}
      {maturity.steps.length === 0 ? null : (
        <div style={{ minWidth: 0 }}>
          <Drawing
            view={curve}
            toOption={toMaturityOption}
            about={
              maturity.medianMinutes === undefined
                ? 'Share of predictions by the time since they were made'
                : `Half of the predictions have their label within ${toSpanText(maturity.medianMinutes)}`
            }
            label={`${curve.panel.title}: ${horizonTexts(maturity).join(', ')}.`}
          />
        </div>
      )}
      {maturity.steps.length === 0 ? null : <Horizons maturity={maturity} />}
      <Text size="xs" c="dimmed">
        The estimate is made without labels:{' '}
        {metric === 'rmse'
          ? 'from the errors of test rows that were predicted alike.'
          : 'from the probability of each prediction, calibrated on the test rows.'}{' '}
        It follows rows that become harder or easier, and assumes that labels still depend on rows as they did in the
        test rows. It cannot see that this changed; labels can.
      </Text>
    </SimpleGrid>
  );
}

function horizonTexts({ horizons }: PerformanceAnswer['maturity']): readonly string[] {
  return horizons.map(({ afterMinutes, share }) => `${toSpanText(afterMinutes)} ${toShareText(share)}`);
}

/** What share has its label after each of some times. */
function Horizons({ maturity: { horizons } }: { readonly maturity: PerformanceAnswer['maturity'] }) {
  return (
    <SimpleGrid cols={{ base: 3, sm: 6 }} spacing="sm" component="dl" m={0} aria-label="Labels that have come">
      {horizons.map(({ afterMinutes, share, low, high }) => (
        <div key={afterMinutes}>
          <Text component="dt" size="xs" c="dimmed">
            After {toSpanText(afterMinutes)}
          </Text>
          <Text component="dd" m={0} fw={650} className="tabular" {...(share === undefined ? { c: 'dimmed' } : {})}>
            {toShareText(share)}
          </Text>
          <Text component="dd" m={0} size="xs" c="dimmed" className="tabular">
            {low === undefined || high === undefined ? 'not known yet' : `${toShareText(low)} to ${toShareText(high)}`}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}

interface DrawingProps {
  readonly view: PanelView;
  readonly toOption: ToOption;
  readonly about: string;
  readonly label: string;
}

function Drawing({ view, toOption, about, label }: DrawingProps) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="sm" fw={600}>
        {view.panel.title}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {about}
      </Text>
      <div style={{ height: HEIGHT_PX }}>
        <ChartPanel view={view} toOption={toOption} label={label} />
      </div>
    </div>
  );
}
