import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { toNumberText } from '../../format.ts';
import { workersQuery } from '../../queries.ts';
import { Queues } from './Queues.tsx';
import { Unserved } from './Unserved.tsx';
import { Workers } from './Workers.tsx';
import { toSummary } from './worker-words.ts';

/** Processes that run the goals of runs, on any machine: what each does, and what waits for them. */
export function WorkersPage() {
  const { data, error, refetch } = useQuery(workersQuery);
  return (
    <>
      <PageHeader title="Workers">
        {data === undefined || data.items.length === 0
          ? 'Processes that run goals, on any number of machines'
          : toSummary(data.items, toNumberText)}
      </PageHeader>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <Failed what="The workers" error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Stack gap="lg">
          <Unserved queues={data.queues} />
          <Workers workers={data.items} />
          {data.queues.length === 0 ? null : <Queues queues={data.queues} />}
        </Stack>
      )}
    </>
  );
}
