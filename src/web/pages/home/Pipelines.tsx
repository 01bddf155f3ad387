import { Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { ProjectAnswer, Run, Schedule } from '#api';
import { Failed } from '../../components/Notice.tsx';
import { RunSquares } from '../../components/RunSquares.tsx';
import { StateBadge } from '../../components/states.tsx';
import { SpanText, TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { latestRunsQuery, projectQuery, schedulesQuery } from '../../queries.ts';
import { StartButton } from '../runs/StartButton.tsx';
import { PauseButton } from './PauseButton.tsx';
import { ScheduleLine } from './ScheduleLine.tsx';

// Fields and forms are not needed for the status, so they load later.
const PauseForm = lazy(() => import('./PauseForm.tsx').then(({ PauseForm: component }) => ({ default: component })));

type Pipeline = ProjectAnswer['pipelines'][number];
const SQUARES = 16;

/** Every pipeline with its last runs and its next one. */
export function Pipelines() {
  const { data, error, refetch } = useQuery(projectQuery);
  const schedules = useQuery(schedulesQuery).data?.items ?? [];
  if (error !== null && data === undefined)
    return <Failed what="The pipelines" error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="sm">
      <Title order={2} fz={16}>
        Pipelines
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, xl: 4 }} spacing="md">
        {data === undefined
          ? ['a', 'b', 'c', 'd'].map((key) => <Skeleton key={key} height={168} radius="lg" />)
          : data.pipelines.map((pipeline) => (
              <PipelineCard
                key={pipeline.name}
                pipeline={pipeline}
                schedule={schedules.find((schedule) => schedule.pipeline === pipeline.name)}
              />
            ))}
      </SimpleGrid>
    </Stack>
  );
}

interface PipelineCardProps {
  readonly pipeline: Pipeline;
  readonly schedule: Schedule | undefined;
}

function PipelineCard({ pipeline, schedule }: PipelineCardProps) {
  const [isAsking, setIsAsking] = useState(false);
  const runs = useQuery(latestRunsQuery({ pipeline: pipeline.name, limit: SQUARES })).data?.items;
  const [last] = runs ?? [];
  return (
    <Card style={{ display: 'flex', flexDirection: 'column', gap: 10 }}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Link to="/runs" search={{ pipeline: pipeline.name }} className="row-link">
          {pipeline.name}
        </Link>
        <Group gap={6} wrap="nowrap">
          {schedule === undefined || schedule.pause === null ? null : (
            <ToneBadge tone="orange" icon={<IconClockPause size={12} aria-hidden />}>
              Paused
            </ToneBadge>
          )}
          {last === undefined ? null : <StateBadge state={last.state} />}
        </Group>
      </Group>
      <Text size="sm" c="dimmed" lineClamp={2} mb="auto">
        {pipeline.description}
      </Text>
      <RunSquares runs={runs} count={SQUARES} />
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-end">
        <Text size="xs" c="dimmed" component="div">
          <LastRun run={last} isKnown={runs !== undefined} />
          <ScheduleLine schedule={schedule} nextRunAt={pipeline.nextRunAt} />
        </Text>
        <Group gap={6} wrap="nowrap">
          {schedule === undefined ? null : (
            <PauseButton schedule={schedule} isAsking={isAsking} onToggle={() => setIsAsking(!isAsking)} />
          )}
          {pipeline.needsParams ? null : <StartButton pipeline={pipeline.name} isCompact />}
        </Group>
      </Group>
      {schedule === undefined || !isAsking ? null : (
        <Suspense fallback={<Skeleton height={96} radius="sm" />}>
          <PauseForm schedule={schedule} onDone={() => setIsAsking(false)} />
        </Suspense>
      )}
    </Card>
  );
}

function LastRun({ run, isKnown }: { readonly run: Run | undefined; readonly isKnown: boolean }) {
  if (run === undefined) return <div>{isKnown ? 'Has not run yet' : 'Loading its runs'}</div>;
  return (
    <div>
      {run.endedAt === null ? 'Started' : 'Last'} <TimeText time={run.createdAt} />
      {run.endedAt === null ? null : (
        <>
          , took <SpanText startedAt={run.startedAt} endedAt={run.endedAt} />
        </>
      )}
    </div>
  );
}
