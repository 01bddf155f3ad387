import { Anchor, Button, Checkbox, Group, Progress, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBan } from '@tabler/icons-react';
import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { PredictionJob } from '#api';
import { type Answer, call } from '../../client.ts';
import { changesIn } from '../../coerced.ts';
import { FileDrop } from '../../components/FileDrop.tsx';
import { FileName } from '../../components/FileName.tsx';
import { LoadMore } from '../../components/LoadMore.tsx';
import { Failed } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { RunLink } from '../../components/RunLink.tsx';
import { Section } from '../../components/Section.tsx';
import { StateBadge } from '../../components/states.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { toNumberText } from '../../format.ts';
import { usePermission } from '../../session.ts';

const JOBS_SHOWN = 20;
/** While a job runs, its rows are counted as often. */
const FAST_MS = 1_500;
const SLOW_MS = 15_000;

const isOpen = ({ state }: PredictionJob): boolean => state === 'queued' || state === 'running';

const jobsQuery = infiniteQueryOptions({
  queryKey: ['prediction-jobs'],
  queryFn: ({ pageParam, signal }) =>
    call('predictionJobs', {
      query: { ...(pageParam === '' ? {} : { cursor: pageParam }), limit: JOBS_SHOWN },
      signal,
    }),
  initialPageParam: '',
  getNextPageParam: (page: Answer<'predictionJobs'>) => page.nextCursor,
  refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some(isOpen)) ? FAST_MS : SLOW_MS),
});

/** Takes a file of any length, shows how far its predictions are, and offers the result. */
export function PredictionJobs() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(jobsQuery);
  const [isStored, setIsStored] = useState(true);
  const send = useSend(isStored);
  const permission = usePermission('createPredictionJob');
  const jobs = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Section title="Prediction jobs">
      <Stack gap="md" px="md" pb="md">
        <FileDrop
          label="File to predict"
          title="Drop a file of any length here"
          isBusy={send.isPending}
          permission={permission}
          onFile={(file) => send.mutate(file)}
          actions={
            <Checkbox
              size="sm"
              label="Do not store"
              checked={!isStored}
              onChange={(event) => setIsStored(!event.currentTarget.checked)}
            />
          }
        >
          CSV, NDJSON or Parquet; CSV and NDJSON may be gzip files. The champion predicts every row, also when this page
          is closed. The result has a line for each row: its prediction, or why it has none.
        </FileDrop>
        {error !== null && data === undefined ? (
          <Failed what="The prediction jobs" error={error} onRetry={() => void refetch()} />
        ) : null}
        {jobs.length === 0 ? null : (
          <RecordTable
            name="jobs"
            label="Prediction jobs"
            columns={COLUMNS}
            records={jobs}
            toKey={({ id }) => id}
            minWidth={640}
          />
        )}
        <LoadMore hasMore={hasNextPage} isLoading={isFetchingNextPage} onLoad={() => void fetchNextPage()} />
      </Stack>
    </Section>
  );
}

const COLUMNS: readonly RecordColumn<PredictionJob>[] = [
  { key: 'file', title: 'File', value: ({ file }) => file, render: ({ file }) => <FileName name={file} /> },
  {
    key: 'state',
    title: 'State',
    value: ({ state }) => state,
    render: (job) => <StateCell {...job} />,
  },
  { key: 'rows', title: 'Rows', render: (job) => <RowsCell {...job} /> },
  {
    key: 'version',
    title: 'Version',
    value: ({ modelVersion }) => modelVersion,
    visibleFrom: 'md',
    render: ({ modelVersion, isStored }) => (
      <span className="nowrap">
        {modelVersion}
        {isStored ? '' : ', not stored'}
      </span>
    ),
  },
  {
    key: 'created',
    title: 'Sent',
    value: ({ createdAt }) => createdAt,
    visibleFrom: 'sm',
    render: ({ createdAt }) => <TimeText time={createdAt} />,
  },
  { key: 'run', title: 'Run', visibleFrom: 'md', render: ({ runId }) => <RunLink runId={runId} /> },
  { key: 'result', title: 'Result', align: 'right', render: (job) => <ResultCell {...job} /> },
];

function StateCell({ state, problem }: PredictionJob) {
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge state={state} />
      {state !== 'failed' || problem === null ? null : (
        <Text size="xs" c="dimmed" className="break" lineClamp={3} title={problem}>
          {problem}
        </Text>
      )}
    </Stack>
  );
}

function RowsCell({ file, state, rows, coerced }: PredictionJob) {
  if (rows.in === null) return <Text size="sm">{state === 'running' ? 'Checking the file' : '–'}</Text>;
  const done = rows.predicted + rows.refused;
  const refused = rows.refused === 0 ? '' : `, ${toNumberText(rows.refused)} refused`;
  const text = `${toNumberText(rows.predicted)} of ${toNumberText(rows.in)} predicted${refused}`;
  return (
    <Stack gap={4} miw={150}>
      <Text size="sm" className="tabular">
        {text}
      </Text>
      {coerced === null ? null : (
        <Text size="xs" c="dimmed" className="break" maw={320}>
          Changed before:{' '}
          {changesIn(coerced, { columns: [] })
            .map(({ label, text: changes }) => `${label} (${changes})`)
            .join(' · ')}
        </Text>
      )}
      {state === 'running' ? (
        <Progress value={(100 * done) / Math.max(1, rows.in)} size="sm" aria-label={`Progress of ${file}`} />
      ) : null}
    </Stack>
  );
}

const FORMATS = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' } as const;

function ResultCell(job: PredictionJob) {
  if (isOpen(job)) return <CancelButton {...job} />;
  return (
    <Group gap="sm" justify="flex-end" wrap="nowrap">
      {job.results.map(({ format, url }) => (
        <Anchor
          key={format}
          href={url}
          download
          size="sm"
          className="nowrap"
          aria-label={`Download the predictions of ${job.file} as ${FORMATS[format]}`}
        >
          {FORMATS[format]}
        </Anchor>
      ))}
    </Group>
  );
}

function CancelButton({ id, file }: PredictionJob) {
  const queries = useQueryClient();
  const permission = usePermission('cancelPredictionJob');
  const cancel = useMutation({
    mutationFn: () => call('cancelPredictionJob', { params: { id } }),
    onError: (error) =>
      notifications.show({ color: 'red', title: `${file} was not cancelled`, message: error.message }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['prediction-jobs'] }),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconBan size={14} />}
      aria-label={`Cancel the predictions of ${file}`}
      loading={cancel.isPending}
      onClick={() => cancel.mutate()}
      {...permission}
    >
      Cancel
    </Button>
  );
}

function useSend(isStored: boolean) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (file: File) =>
      call('createPredictionJob', { query: { name: file.name, store: isStored ? 'true' : 'false' }, body: file }),
    onError: (error, { name }) =>
      notifications.show({ color: 'red', title: `${name} was not taken`, message: error.message }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['prediction-jobs'] }),
  });
}
