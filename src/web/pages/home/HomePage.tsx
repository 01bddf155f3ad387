import { SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { PageHeader } from '../../components/PageHeader.tsx';
import { useProjectTitle } from '../../components/shell-parts.tsx';
import { contractQuery, projectQuery } from '../../queries.ts';
import { LatestAlert } from './LatestAlert.tsx';
import { LatestFiles } from './LatestFiles.tsx';
import { LatestPredictions } from './LatestPredictions.tsx';
import { Pipelines } from './Pipelines.tsx';
import { Vitals } from './Vitals.tsx';

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
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
            <LatestFiles />
            <LatestPredictions />
          </SimpleGrid>
        ) : null}
      </Stack>
    </>
  );
}
