import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowLeft, IconBan } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import type { RunDetail } from '#api';
import { call } from '../../client.ts';
import { CopyTime } from '../../components/CopyTime.tsx';
import { FactList } from '../../components/FactList.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Section } from '../../components/Section.tsx';
import { ValueText } from '../../components/ShortId.tsx';
import { StateBadge, stateLook } from '../../components/states.tsx';
import { SpanText, TimeText } from '../../components/TimeText.tsx';
import { toCountText, toTitle } from '../../format.ts';
import { runQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { RetryButton } from './RetryButton.tsx';
import { StartButton } from './StartButton.tsx';
import { TaskRunList } from './TaskRunList.tsx';
import { maybeFailed, toTaskGroups } from './task-groups.ts';

const RunGraph = lazy(() => import('./RunGraph.tsx').then(({ RunGraph: component }) => ({ default: component })));
const route = getRouteApi('/runs/$id');
/** A graph with more nodes is unreadable. */
const GRAPHED_MAX = 300;

/** One run: its request, its task runs as a graph and as a list, live. */
export function RunPage() {
  const { id } = route.useParams();
  const { data: run, error, refetch } = useQuery(runQuery(id));
  return (
    <>
      <Link to="/runs" className="text-link">
        <IconArrowLeft size={14} /> All runs
      </Link>
      {run !== undefined ? (
        <RunContent run={run} />
      ) : error !== null ? (
        <Stack mt="md" gap={0}>
          <PageHeader title="Run" />
          <Failed what="The run" error={error} onRetry={() => void refetch()} />
        </Stack>
      ) : (
        <Stack mt="md" gap={0}>
          <PageHeader title="Run" />
          <LoadingRows rows={8} height={40} />
        </Stack>
      )}
    </>
  );
}

function RunContent({ run }: { readonly run: RunDetail }) {
  const { task } = route.useSearch();
  const groups = useMemo(() => toTaskGroups(run), [run]);
  const navigate = route.useNavigate();
  // Whoever comes to a run that failed wants its log; an empty task says that they have closed it.
  const opened = task ?? maybeFailed(run);
  const select = (id: string | undefined) =>
    void navigate({ replace: true, resetScroll: false, search: { task: id ?? '' } });
  return (
    <Stack gap="lg" mt={6}>
      <PageHeader
        title={run.pipeline}
        tabTitle={`${stateLook(run.state).word}: ${run.pipeline}, run ${run.id}`}
        actions={<RunActions run={run} />}
      >
        <Group gap="xs">
          <StateBadge state={run.state} />
          <span className="mono break">{run.id}</span>
        </Group>
      </PageHeader>
      <RunFacts run={run} />
      {run.taskRuns.length === 0 ? (
        <Card>
          <Empty icon={<IconBan size={22} />} title="No task ran">
            {run.reason ?? 'This run has no task runs yet; they appear here as soon as it starts.'}
          </Empty>
        </Card>
      ) : (
        <>
          {groups.length > GRAPHED_MAX ? null : (
            <Card padding={0} visibleFrom="sm" component="section" aria-label="Graph of the task runs">
              <Suspense fallback={<Skeleton height={300} radius="lg" />}>
                <RunGraph groups={groups} selected={opened} onSelect={select} />
              </Suspense>
            </Card>
          )}
          <Section title={toCountText(run.taskRuns.length, 'task run')}>
            <TaskRunList run={run} groups={groups} selected={opened} onSelect={select} />
          </Section>
        </>
      )}
    </Stack>
  );
}

function RunFacts({ run }: { readonly run: RunDetail }) {
  const params = Object.entries({ ...run.given, ...run.params });
  return (
    <Card mt={-12}>
      <FactList
        facts={[
          { name: 'Started by', value: toTitle(run.trigger) },
          ...(run.isForced ? [{ name: 'Forced', value: 'computed even if complete (forced)' }] : []),
          ...(run.interval === null ? [] : [{ name: 'Interval', value: <Interval {...run.interval} /> }]),
          { name: 'Created', value: <CopyTime time={run.createdAt} /> },
          { name: 'Started', value: <CopyTime time={run.startedAt} fallback="not yet" /> },
          { name: 'Took', value: <SpanText startedAt={run.startedAt} endedAt={run.endedAt} /> },
          ...params.map(([name, value]) => ({ name: toTitle(name), value: <ValueText value={value} /> })),
        ]}
      />
      {run.reason === null ? null : (
        <Text size="sm" mt="sm" className="break">
          <Text span c="dimmed" size="sm">
            Reason:{' '}
          </Text>
          {run.reason}
        </Text>
      )}
    </Card>
  );
}

/** From, and up to but not including. */
function Interval({ from, to }: NonNullable<RunDetail['interval']>) {
  return (
    <>
      <TimeText time={from} isAbsolute /> – <TimeText time={to} isAbsolute />
    </>
  );
}

function RunActions({ run }: { readonly run: RunDetail }) {
  const queries = useQueryClient();
  const permission = usePermission('cancelRun');
  const cancel = useMutation({
    mutationFn: () => call('cancelRun', { params: { id: run.id } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['run', run.id] }),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The run was not cancelled', message: error.message }),
  });
  if (run.state === 'failed' || run.state === 'cancelled') return <RetryButton runId={run.id} />;
  if (run.endedAt !== null) return <StartButton pipeline={run.pipeline} params={run.given} />;
  return (
    <Button
      variant="default"
      leftSection={<IconBan size={16} />}
      loading={cancel.isPending}
      onClick={() => cancel.mutate()}
      {...permission}
    >
      Cancel this run
    </Button>
  );
}
