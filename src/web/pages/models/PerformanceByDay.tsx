import { Group, Text } from '@mantine/core';
import { IconTargetArrow } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { PerformanceAnswer } from '#api';
import { MetricIntervalText, MetricText } from '../../components/MetricText.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { toDayText, toNumberText } from '../../format.ts';
import { toMetricTitle } from '../../metrics.ts';
import { performanceQuery } from '../../queries.ts';
import type { CellValue } from '../../table/sort.ts';
import { IntervalBar } from './IntervalBar.tsx';
import { type Bounds, metricNames, toBounds } from './metrics.ts';

const DAYS = 14;
type Day = PerformanceAnswer['days'][number];
const ALL = 'all';

/** What the labels that came say of the predictions of the last days. */
export function PerformanceByDay() {
  const { data, error, refetch } = useQuery(performanceQuery(DAYS));
  return (
    <Section title={`In production, last ${DAYS} days`} aside={data === undefined ? null : <Total answer={data} />}>
      {data !== undefined ? (
        <Days days={data.days.filter(({ predictions }) => predictions > 0).reverse()} total={data.total} />
      ) : error === null ? (
        <LoadingRows rows={3} />
      ) : (
        <Failed what="The performance" error={error} onRetry={() => void refetch()} />
      )}
    </Section>
  );
}

function Total({ answer: { total, isComplete } }: { readonly answer: PerformanceAnswer }) {
  if (total.predictions === 0) return null;
  return (
    <Text size="sm" c="dimmed" className="tabular">
      {toNumberText(total.labelled)} of {isComplete ? '' : 'the newest '}
      {toNumberText(total.predictions)} predictions have a label
    </Text>
  );
}

function Days({ days, total }: { readonly days: readonly Day[]; readonly total: PerformanceAnswer['total'] }) {
  if (total.labelled === 0) {
    return (
      <Empty icon={<IconTargetArrow size={22} />} title="Not known yet">
        When labels come, by `POST /api/labels`, `weir labels` or in files with their rows, this compares them with the{' '}
        <Link to="/past-predictions">predictions</Link>.
      </Empty>
    );
  }
  const shown = [{ day: ALL, ...total }, ...days];
  return (
    <RecordTable
      name="days"
      label="Performance by day"
      columns={toColumns(shown)}
      records={shown}
      toKey={({ day }) => day}
    />
  );
}

/** The line of all days stays out of the order: it comes last. */
const ofDay = (read: (day: Day) => CellValue) => (day: Day) => (day.day === ALL ? null : read(day));

function toColumns(days: readonly Day[]): RecordColumn<Day>[] {
  return [
    {
      key: '/day',
      title: 'Day',
      value: ofDay(({ day }) => day),
      render: ({ day }) => <span className="nowrap">{day === ALL ? 'All days' : toDayText(day)}</span>,
    },
    {
      key: '/predictions',
      title: 'Predictions',
      value: ofDay(({ predictions }) => predictions),
      align: 'right',
      render: ({ predictions }) => <span className="tabular">{toNumberText(predictions)}</span>,
    },
    {
      key: '/labelled',
      title: 'With a label',
      value: ofDay(({ labelled }) => labelled),
      align: 'right',
      render: ({ labelled }) => <span className="tabular">{toNumberText(labelled)}</span>,
    },
    ...metricNames(days).map((name) => toMetricColumn(name, toBounds(name, days))),
  ];
}

function toMetricColumn(name: string, bounds: Bounds): RecordColumn<Day> {
  return {
    key: name,
    title: `${toMetricTitle(name)}, 95 % interval`,
    value: ofDay(({ metrics }) => metrics[name]?.value),
    render: ({ metrics: { [name]: metric } }) =>
      metric === undefined ? (
        <Text size="sm" c="dimmed">
          no label yet
        </Text>
      ) : (
        <Group gap="sm" wrap="nowrap">
          <Text size="sm" fw={600} className="tabular nowrap" miw={52}>
            <MetricText name={name} metric={metric} />
          </Text>
          <div style={{ flex: 1, minWidth: 90 }}>
            <IntervalBar metric={metric} bounds={bounds} tone="green" />
          </div>
          <Text size="xs" c="dimmed" className="tabular nowrap" miw={92}>
            <MetricIntervalText name={name} metric={metric} absence="too few rows" />
          </Text>
        </Group>
      ),
  };
}
