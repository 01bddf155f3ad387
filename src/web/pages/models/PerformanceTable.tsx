import { Group, Text } from '@mantine/core';
import type { Performance } from '#api';
import { MetricIntervalText, MetricText } from '../../components/MetricText.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { toNumberText, toShareText } from '../../format.ts';
import { toMetricTitle } from '../../metrics.ts';
import type { CellValue } from '../../table/sort.ts';
import { IntervalBar } from './IntervalBar.tsx';
import { type Bounds, metricNames, toBounds } from './metrics.ts';

/** The name of the line of all days. */
export const ALL = 'all';

/** The performance of a day, of a version, or of all. */
export interface Measured extends Performance {
  readonly name: string;
  readonly title: string;
  /** Where it stands in the order of the first column; its name unless given. */
  readonly order?: number;
}

interface PerformanceTableProps {
  readonly name: string;
  readonly label: string;
  /** Title of the first column. */
  readonly first: string;
  readonly labelsMin: number;
  readonly records: readonly Measured[];
}

/** Realised metrics beside their estimates. */
export function PerformanceTable({ name, label, records, ...options }: PerformanceTableProps) {
  return (
    <RecordTable
      name={name}
      label={label}
      columns={toColumns(records, options)}
      records={records}
      toKey={({ name: key }) => key}
    />
  );
}

/** The line of all days stays out of the order: it comes last. */
const ofOne = (read: (one: Measured) => CellValue) => (one: Measured) => (one.name === ALL ? null : read(one));

function toColumns(
  records: readonly Measured[],
  { first, labelsMin }: Pick<PerformanceTableProps, 'first' | 'labelsMin'>,
): RecordColumn<Measured>[] {
  const estimated = metricNames(records.map(({ estimate }) => ({ metrics: estimate?.metrics ?? {} })));
  return [
    {
      key: '/name',
      title: first,
      value: ofOne(({ name, order }) => order ?? name),
      render: ({ title }) => <span className="nowrap">{title}</span>,
    },
    {
      key: '/predictions',
      title: 'Predictions',
      value: ofOne(({ predictions }) => predictions),
      align: 'right',
      render: ({ predictions }) => <span className="tabular">{toNumberText(predictions)}</span>,
    },
    {
      key: '/labelled',
      title: 'With a label',
      value: ofOne(({ labelled }) => labelled),
      align: 'right',
      render: ({ labelled }) => <span className="tabular">{toNumberText(labelled)}</span>,
    },
    {
      key: '/matured',
      title: 'Matured',
      value: ofOne(({ labelled, predictions }) => labelled / Math.max(1, predictions)),
      align: 'right',
      render: ({ labelled, predictions }) => (
        <span className="tabular nowrap">{predictions === 0 ? '' : toShareText(labelled / predictions)}</span>
      ),
    },
    ...metricNames(records).map((name) => toMetricColumn(name, { bounds: toBounds(name, records), labelsMin })),
    ...estimated.map(toEstimateColumn),
    ...estimated.map(toDifferenceColumn),
  ];
}

function toMetricColumn(
  name: string,
  { bounds, labelsMin }: { readonly bounds: Bounds; readonly labelsMin: number },
): RecordColumn<Measured> {
  return {
    key: name,
    title: `${toMetricTitle(name)}, 95 % interval`,
    value: ofOne(({ metrics }) => metrics[name]?.value),
    render: ({ labelled, metrics: { [name]: metric } }) => {
      if (metric === undefined)
        return (
          <Text size="sm" c="dimmed">
            no label yet
          </Text>
        );
      const isSmall = labelled < labelsMin;
      return (
        <Group gap="sm" wrap="nowrap" title={isSmall ? `Fewer than ${labelsMin} labels` : undefined}>
          <Text size="sm" fw={600} className="tabular nowrap" miw={52} {...(isSmall ? { c: 'dimmed' } : {})}>
            <MetricText name={name} metric={metric} />
          </Text>
          <div style={{ flex: 1, minWidth: 90 }}>
            <IntervalBar metric={metric} bounds={bounds} tone={isSmall ? 'grey' : 'green'} />
          </div>
          <Text size="xs" c="dimmed" className="tabular nowrap" miw={92}>
            <MetricIntervalText name={name} metric={metric} absence="too few rows" />
          </Text>
        </Group>
      );
    },
  };
}

function toEstimateColumn(name: string): RecordColumn<Measured> {
  return {
    key: `${name}/estimate`,
    title: `${toMetricTitle(name)}, estimated`,
    value: ofOne(({ estimate }) => estimate?.metrics[name]?.value),
    render: ({ estimate }) => (
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" className="tabular nowrap">
          <MetricText name={name} metric={estimate?.metrics[name]} />
        </Text>
        <Text size="xs" c="dimmed" className="tabular nowrap">
          <MetricIntervalText name={name} metric={estimate?.metrics[name]} absence="" />
        </Text>
      </Group>
    ),
  };
}

/** How far the estimate was off, for the predictions whose label is known. */
function toDifferenceColumn(name: string): RecordColumn<Measured> {
  const differenceOf = ({ estimateOfLabelled, metrics }: Measured): number | undefined => {
    const [estimated, realised] = [estimateOfLabelled?.[name], metrics[name]];
    return estimated === undefined || realised === undefined ? undefined : estimated.value - realised.value;
  };
  return {
    key: `${name}/difference`,
    title: 'Estimate − realised',
    align: 'right',
    value: ofOne(differenceOf),
    render: (one) => {
      const difference = differenceOf(one);
      return (
        <span className="tabular nowrap" title="Of the predictions whose label is known">
          {difference === undefined ? (
            '–'
          ) : (
            <>
              {difference > 0 ? '+' : ''}
              <MetricText name={name} metric={{ value: difference }} />
            </>
          )}
        </span>
      );
    },
  };
}
