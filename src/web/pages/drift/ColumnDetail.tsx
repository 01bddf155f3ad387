import { Box, Group, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { ContractColumn, DriftColumn, DriftWindowDetail } from '#api';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { ChartPanel } from '../../dashboard/ChartPanel.tsx';
import { toCategoriesOption } from '../../dashboard/chart-options.ts';
import { toHistogramOption } from '../../dashboard/histogram-options.ts';
import { NOTHING, toCellText, toNumberText, toShareText, toTitle } from '../../format.ts';
import { ColumnVerdict } from './DriftColumns.tsx';
import {
  type ComparedBin,
  describeDistribution,
  toComparedBins,
  toDistributionView,
  toReferenceTitle,
} from './distribution.ts';
import { toColumnTitle, toKindTitle, toScoreSentence, toStabilityText } from './words.ts';

/** Lying bars of three series need this much each, an axis and a legend the rest. */
const CATEGORY_PX = 46;
const AXES_PX = 70;
const HEIGHT_PX = { least: 240, most: 560 } as const;

interface ColumnDetailProps {
  readonly column: DriftColumn;
  readonly window: DriftWindowDetail;
  readonly contract: readonly ContractColumn[];
}

/** One column of a window: its comparisons in words, its distributions side by side, and what each bin adds. */
export function ColumnDetail({ column, window, contract }: ColumnDetailProps) {
  const title = toColumnTitle(column, contract);
  return (
    <Section title={title} aside={<ColumnVerdict column={column} />}>
      <Stack gap="sm" px="md" pb="md">
        {column.scores.map((score) => (
          <div key={score.kind}>
            <Text size="xs" c="dimmed">
              {toKindTitle(score.kind)}
            </Text>
            <Text size="sm" className="break tabular">
              {toScoreSentence(score, window.sustained)}
            </Text>
          </div>
        ))}
      </Stack>
      <Distribution column={column} title={title} contract={contract} />
      {column.scores.map(({ kind, examples }) =>
        examples.length === 0 ? null : <Examples key={kind} examples={examples} />,
      )}
    </Section>
  );
}

interface DistributionProps {
  readonly column: DriftColumn;
  readonly title: string;
  readonly contract: readonly ContractColumn[];
}

function Distribution({ column, title, contract }: DistributionProps) {
  const named = contract.find(({ name }) => name === column.column);
  const style = column.subject === 'confidence' ? undefined : named;
  const bins = useMemo(() => toComparedBins(column.bins, { style }), [column, style]);
  const view = useMemo(() => toDistributionView(column, { style }), [column, style]);
  if (bins.length === 0) {
    return (
      <Text size="sm" c="dimmed" px="md" pb="md">
        No distribution is stored for this column: it is sensitive, or it has too few values.
      </Text>
    );
  }
  const isNumeric = view.panel.kind === 'histogram';
  const height = isNumeric ? HEIGHT_PX.least : AXES_PX + bins.length * CATEGORY_PX;
  return (
    <>
      <div style={{ height: Math.min(HEIGHT_PX.most, Math.max(HEIGHT_PX.least, height)), padding: '0 16px' }}>
        <ChartPanel
          view={view}
          toOption={isNumeric ? toHistogramOption : toCategoriesOption}
          label={describeDistribution(title, bins)}
        />
      </div>
      <Group px="md" pt="md" pb={4} gap="sm" justify="space-between">
        <Text size="sm" fw={600} component="h3" m={0}>
          Population stability index by bin
        </Text>
        <Text size="sm" className="tabular">
          {toStabilityText(column)}
        </Text>
      </Group>
      <RecordTable
        name="bins"
        label={`Bins of ${title}`}
        columns={toBinColumns(column, bins)}
        records={bins}
        toKey={({ name }) => name}
      />
    </>
  );
}

function toBinColumns(
  { subject, bins: given }: DriftColumn,
  bins: readonly ComparedBin[],
): RecordColumn<ComparedBin>[] {
  const isRange = given.every(({ kind }) => kind === 'range');
  const most = Math.max(...bins.map(({ stability }) => stability)) || 1;
  const share = (key: string, title: string, of: (bin: ComparedBin) => number | null): RecordColumn<ComparedBin> => ({
    ...{ key, title, align: 'right', value: of },
    render: (bin) => <span className="tabular nowrap">{toShareText(of(bin))}</span>,
  });
  return [
    {
      key: 'bin',
      title: 'Values',
      value: ({ name }) => name,
      render: ({ name }) => <span className={isRange ? 'nowrap' : 'id-cell'}>{name}</span>,
    },
    share('reference', toReferenceTitle(subject), ({ reference }) => reference),
    share('current', 'This window', ({ current }) => current),
    { ...share('before', 'Window before', ({ before }) => before), visibleFrom: 'sm' },
    {
      key: 'stability',
      title: 'PSI',
      align: 'right',
      value: ({ stability }) => stability,
      width: '22%',
      render: ({ stability }) => (
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <Box className="effect-bar" aria-hidden visibleFrom="xs">
            <span
              className="effect"
              style={{ width: `${(100 * stability) / most}%`, background: 'var(--tone-blue-solid)' }}
            />
          </Box>
          <Text size="sm" className="tabular" miw={48}>
            {toNumberText(stability)}
          </Text>
        </Group>
      ),
    },
  ];
}

type Example = DriftColumn['scores'][number]['examples'][number];

function Examples({ examples }: { readonly examples: readonly Example[] }) {
  const names = [...new Set(examples.flatMap((example) => Object.keys(example)))];
  return (
    <>
      <Text size="sm" fw={600} component="h3" px="md" m={0} pt="md" pb={4}>
        Predictions that differ
      </Text>
      <RecordTable
        name="examples"
        label="Predictions that their model version does not repeat"
        columns={names.map((name) => ({
          ...{ key: name, title: toTitle(name.replaceAll(/(?=[A-Z])/g, ' ').toLowerCase()) },
          render: ({ [name]: value }: Example) => (
            <span className="break">{value === null ? NOTHING : toCellText(value)}</span>
          ),
        }))}
        records={examples}
        toKey={(example) => JSON.stringify(example)}
      />
    </>
  );
}
