import { Button, Card, Group, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import type { ModelVersion } from '#api';
import { MetricIntervalText, MetricText } from '../../components/MetricText.tsx';
import { RunLink } from '../../components/RunLink.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toNumberText } from '../../format.ts';
import { toMetricTitle } from '../../metrics.ts';
import { usePermission } from '../../session.ts';
import { metricNames } from './metrics.ts';

type Metric = ModelVersion['metrics'][string];

interface ChampionCardProps {
  readonly champion: ModelVersion;
  /** Absent when there is no champion before this one. */
  readonly onRollBack?: (() => void) | undefined;
}

/** The version that serves now. */
export function ChampionCard({ champion, onRollBack }: ChampionCardProps) {
  const permission = usePermission('rollBackModel');
  const { datasetVersion, rows, features } = champion.trainedOn;
  return (
    <Card padding="lg" component="section" aria-label="Champion">
      <Stack gap="md">
        <Group gap="md" wrap="nowrap" align="flex-start">
          <ThemeIcon variant="light" size={44} radius="xl" style={{ flex: 'none' }}>
            <IconTrophy size={22} />
          </ThemeIcon>
          <Stack gap={2} style={{ minWidth: 0, flex: 1 }}>
            <Group gap="xs">
              <Title order={2} fz={20} className="break">
                {champion.model}@{champion.version}
              </Title>
              <ToneBadge tone="green">Champion</ToneBadge>
            </Group>
            <Text size="sm" c="dimmed" component="div" className="break">
              {champion.estimator}, trained on {toNumberText(rows)} rows of dataset version{' '}
              <ShortId value={datasetVersion} />, made <TimeText time={champion.createdAt} />
              {champion.runId === null ? null : (
                <>
                  {' '}
                  by <RunLink runId={champion.runId} />
                </>
              )}
            </Text>
            <Text size="sm" c="dimmed" className="break">
              Features: {features.join(', ')}
            </Text>
          </Stack>
          {onRollBack === undefined ? null : (
            <Button variant="default" size="xs" style={{ flex: 'none' }} onClick={onRollBack} {...permission}>
              Roll back
            </Button>
          )}
        </Group>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="md">
          {metricNames([champion]).map((name) => (
            <MetricFact key={name} name={name} metric={champion.metrics[name]} />
          ))}
        </SimpleGrid>
      </Stack>
    </Card>
  );
}

function MetricFact({ name, metric }: { readonly name: string; readonly metric: Metric | undefined }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {toMetricTitle(name)}
      </Text>
      <Text fz={22} fw={650} className="tabular" lh={1.3}>
        <MetricText name={name} metric={metric} />
      </Text>
      <Text size="xs" c="dimmed" className="tabular">
        <MetricIntervalText name={name} metric={metric} absence="no interval" />
      </Text>
    </div>
  );
}
