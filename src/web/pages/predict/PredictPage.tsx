import { Card, SimpleGrid, Skeleton, Tabs, Text } from '@mantine/core';
import { IconFiles, IconFileTypeCsv, IconForms } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { ContractAnswer } from '#api';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { contractQuery, modelsQuery } from '../../queries.ts';
import { CsvTab } from './CsvTab.tsx';
import { RowTab } from './RowTab.tsx';

const PredictionJobs = lazy(() =>
  import('./PredictionJobs.tsx').then(({ PredictionJobs: component }) => ({ default: component })),
);

/** Predict one row typed in, the rows of a CSV file, or a file of any length by a job. */
export function PredictPage() {
  const { data, error, refetch } = useQuery(contractQuery);
  return (
    <>
      <PageHeader title="Predict">
        <Subtitle contract={data} />
      </PageHeader>
      {data !== undefined ? (
        <PredictTabs contract={data} />
      ) : error !== null ? (
        <Failed what="The form" error={error} onRetry={() => void refetch()} />
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Skeleton height={360} radius="lg" />
          <Skeleton height={200} radius="lg" />
        </SimpleGrid>
      )}
    </>
  );
}

function Subtitle({ contract }: { readonly contract: ContractAnswer | undefined }) {
  const models = useQuery(modelsQuery).data;
  const champion = models?.versions.find(({ aliases }) => aliases.includes('champion'));
  const label = contract?.columns.find(({ name }) => name === contract.label)?.label ?? contract?.label;
  const what = label === undefined ? 'The champion predicts' : `Predicts “${label}”`;
  if (models !== undefined && champion === undefined) {
    return (
      <>
        There is no champion yet: <Link to="/runs">the train pipeline</Link> makes the first one.
      </>
    );
  }
  return (
    <>
      {what}
      {champion === undefined ? '' : ' with '}
      {champion === undefined ? null : (
        <Link to="/models" className="row-link">
          {champion.model}@{champion.version}
        </Link>
      )}
    </>
  );
}

function PredictTabs({ contract }: { readonly contract: ContractAnswer }) {
  const [tab, setTab] = useState<string | null>('row');
  if (contract.columns.every(({ role }) => role !== 'feature')) {
    return (
      <Card>
        <Text>The contract names no column with the role “feature”, so there is nothing to predict from.</Text>
      </Card>
    );
  }
  return (
    <Tabs value={tab} onChange={setTab} keepMounted variant="pills">
      <Tabs.List mb="md">
        <Tabs.Tab value="row" leftSection={<IconForms size={16} />}>
          One row
        </Tabs.Tab>
        <Tabs.Tab value="csv" leftSection={<IconFileTypeCsv size={16} />}>
          CSV file
        </Tabs.Tab>
        <Tabs.Tab value="jobs" leftSection={<IconFiles size={16} />}>
          Any length
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="row">
        <RowTab contract={contract} />
      </Tabs.Panel>
      <Tabs.Panel value="csv">
        <CsvTab contract={contract} />
      </Tabs.Panel>
      <Tabs.Panel value="jobs">
        {tab === 'jobs' ? (
          <Suspense fallback={<LoadingRows />}>
            <PredictionJobs />
          </Suspense>
        ) : null}
      </Tabs.Panel>
    </Tabs>
  );
}
