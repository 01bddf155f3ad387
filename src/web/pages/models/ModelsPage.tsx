import { Card, Group, Stack, Text } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelVersion, Promotion } from '#api';
import { MetricText } from '../../components/MetricText.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { RunLink } from '../../components/RunLink.tsx';
import { Section } from '../../components/Section.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toNumberText, toTitle } from '../../format.ts';
import { toMetricTitle } from '../../metrics.ts';
import { modelsQuery } from '../../queries.ts';
import { toCellValue } from '../../table/sort.ts';
import { StartButton } from '../runs/StartButton.tsx';
import { type AliasChange, holderOf, maybeRollBack } from './alias-change.ts';
import { ChampionCard } from './ChampionCard.tsx';
import { ChangeButtons } from './ChangeButtons.tsx';
import { ChangeDialog } from './ChangeDialog.tsx';
import { Datasets } from './Datasets.tsx';
import { MetricIntervals } from './MetricIntervals.tsx';
import { metricNames } from './metrics.ts';
import { NumberEvaluation } from './NumberEvaluation.tsx';
import { PerformanceSection } from './PerformanceSection.tsx';
import { Promotions } from './Promotions.tsx';

/** Model versions, how good they are, and which one serves. */
export function ModelsPage() {
  const { data, error, refetch } = useQuery(modelsQuery);
  return (
    <>
      <PageHeader title="Models">
        Versions, their metrics with 95 % confidence intervals, and which one serves
      </PageHeader>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={6} height={60} />
        ) : (
          <Failed what="The models" error={error} onRetry={() => void refetch()} />
        )
      ) : data.versions.length === 0 ? (
        <Card>
          <Stack align="center" pb="lg" gap={0}>
            <Empty icon={<IconTrophy size={22} />} title="No model yet">
              The train pipeline makes the first version by its schedule; you can start it now.
            </Empty>
            <StartButton pipeline="train" />
          </Stack>
        </Card>
      ) : (
        <Models versions={[...data.versions].sort((a, b) => b.version - a.version)} promotions={data.promotions} />
      )}
    </>
  );
}

interface ModelsProps {
  readonly versions: readonly ModelVersion[];
  readonly promotions: readonly Promotion[];
}

function Models({ versions, promotions }: ModelsProps) {
  const [change, setChange] = useState<AliasChange>();
  const champion = holderOf(versions, 'champion');
  const rollBack = maybeRollBack({ versions, promotions });
  return (
    <Stack gap="lg">
      <ChangeDialog change={change} onClose={() => setChange(undefined)} />
      {champion === undefined ? null : (
        <ChampionCard champion={champion} onRollBack={rollBack && (() => setChange(rollBack))} />
      )}
      {champion === undefined ? null : <NumberEvaluation version={champion} />}
      <PerformanceSection versions={versions} />
      {versions.length < 2 ? null : <MetricIntervals versions={versions} />}
      <Section title="Versions">
        <RecordTable
          name="versions"
          label="Model versions"
          columns={toColumns(versions, setChange)}
          records={versions}
          toKey={({ version }) => String(version)}
        />
      </Section>
      <Datasets />
      <Section title="Promotions">
        <Promotions promotions={promotions} />
      </Section>
    </Stack>
  );
}

function toColumns(
  versions: readonly ModelVersion[],
  onChange: (change: AliasChange) => void,
): RecordColumn<ModelVersion>[] {
  return [
    {
      key: '/version',
      title: 'Version',
      value: ({ version }) => version,
      render: (version) => (
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" fw={600} className="nowrap">
            {version.model}@{version.version}
          </Text>
          {version.aliases.map((alias) => (
            <ToneBadge key={alias} tone={alias === 'champion' ? 'green' : 'blue'}>
              {toTitle(alias)}
            </ToneBadge>
          ))}
        </Group>
      ),
    },
    ...metricNames(versions).map((name) => ({
      key: name,
      title: toMetricTitle(name),
      align: 'right' as const,
      value: ({ metrics }: ModelVersion) => metrics[name]?.value,
      render: ({ metrics }: ModelVersion) => (
        <span className="tabular nowrap">
          <MetricText name={name} metric={metrics[name]} />
        </span>
      ),
    })),
    ...TRAINING,
    {
      key: '/change',
      title: 'Change',
      align: 'right',
      render: (to) => <ChangeButtons to={to} versions={versions} onChange={onChange} />,
    },
  ];
}

/** How a version was made. */
const TRAINING: readonly RecordColumn<ModelVersion>[] = [
  {
    key: '/estimator',
    title: 'Estimator',
    value: ({ estimator }) => estimator,
    render: ({ estimator }) => <span className="nowrap">{estimator}</span>,
  },
  {
    key: '/rows',
    title: 'Trained on',
    value: ({ trainedOn }) => trainedOn.rows,
    align: 'right',
    render: ({ trainedOn }) => <span className="nowrap tabular">{toNumberText(trainedOn.rows)} rows</span>,
  },
  {
    key: '/dataset',
    title: 'Dataset version',
    value: ({ trainedOn }) => trainedOn.datasetVersion,
    visibleFrom: 'md',
    render: ({ trainedOn }) => <ShortId value={trainedOn.datasetVersion} />,
  },
  {
    key: '/run',
    title: 'Trained by',
    value: ({ runId }) => toCellValue(runId ?? undefined),
    visibleFrom: 'md',
    render: ({ runId }) => <RunLink runId={runId} />,
  },
  {
    key: '/created',
    title: 'Made',
    align: 'right',
    value: ({ createdAt }) => createdAt,
    render: ({ createdAt }) => <TimeText time={createdAt} />,
  },
];
