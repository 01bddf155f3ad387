import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { useProjectTitle } from '../../components/shell-parts.tsx';
import { contractQuery, projectQuery } from '../../queries.ts';
import { LatestAlert } from './LatestAlert.tsx';
import { Pipelines } from './Pipelines.tsx';
import { Vitals } from './Vitals.tsx';

// Tables are a part of their own: what is above them shows without waiting for their code.
const LatestRecords = lazy(() => import('./LatestRecords.tsx').then((module) => ({ default: module.LatestRecords })));

/** Status and latest events; each links to details. */
export function HomePage() {
  const title = useProjectTitle();
  const hasModel = useQuery(projectQuery).data?.hasModel ?? true;
  const contract = useQuery({ ...contractQuery, enabled: hasModel }).data;
  return (
    <>
      <PageHeader title={title}>{contract?.description ?? 'What runs here, and how it is doing'}</PageHeader>
      <Stack gap="lg">
        <LatestAlert />
        {hasModel ? <Vitals /> : null}
        <Pipelines />
        {hasModel ? (
          <Suspense fallback={<LoadingRows />}>
            <LatestRecords />
          </Suspense>
        ) : null}
      </Stack>
    </>
  );
}
