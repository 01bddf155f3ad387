import { Group, Text } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ContractColumn, type PastPredictions, pastPredictionsSort } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { NumberFacts } from '../../components/NumberFacts.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Pages } from '../../components/Pages.tsx';
import { PredictionTable } from '../../components/PredictionTable.tsx';
import { Section } from '../../components/Section.tsx';
import { toNumberText, toTimeText } from '../../format.ts';
import { contractQuery, pastPredictionsQuery } from '../../queries.ts';
import type { PastPredictionsSearch } from '../../search.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { timeZone } from '../../zone.ts';
import { ExportMenu } from './ExportMenu.tsx';
import { Filters } from './Filters.tsx';
import { NothingMatches } from './NothingMatches.tsx';
import { PredictionDrawer } from './PredictionDrawer.tsx';
import { toQuery } from './past-filter.ts';
import { SendLabels } from './SendLabels.tsx';
import { TotalText } from './TotalText.tsx';

const route = getRouteApi('/past-predictions');

/** Every stored prediction with its features. */
export function PastPredictionsPage() {
  const search = route.useSearch();
  const columns = useQuery(contractQuery).data?.columns ?? [];
  return (
    <>
      <PageHeader title="Past predictions" actions={<SendLabels />}>
        Both days are included; days and times are those of {timeZone()}
      </PageHeader>
      <Filters search={search} columns={columns} />
      <Results search={search} columns={columns} />
    </>
  );
}

interface ResultsProps {
  readonly search: PastPredictionsSearch;
  readonly columns: readonly ContractColumn[];
}

function Results({ search, columns }: ResultsProps) {
  const navigate = route.useNavigate();
  const filter = { ...toQuery(search), ...toListQuery(useTableState('predictions'), pastPredictionsSort) };
  const pages = usePages('predictions', filter);
  const query = useQuery(pastPredictionsQuery(filter, pages.request));
  const { data } = query;
  const items = data?.items ?? [];
  const open = (id: string | undefined) =>
    void navigate({
      resetScroll: false,
      search: ({ id: _old, ...others }) => (id === undefined ? others : { ...others, id }),
    });
  if (query.error !== null && data === undefined)
    return <Failed what="The past predictions" error={query.error} onRetry={() => void query.refetch()} />;
  const aside = (
    <Group gap="sm" wrap="nowrap">
      <TotalText count={items.length} total={data?.total} filter={filter} />
      <ExportMenu filter={filter} isDisabled={items.length === 0} />
    </Group>
  );
  return (
    <Section title="Predictions" aside={aside}>
      {data === undefined ? (
        <LoadingRows rows={10} />
      ) : items.length > 0 || filter.search !== undefined ? (
        <>
          <NumberFacts items={items} of={`Of the ${toNumberText(items.length)} shown`} />
          <PredictionTable
            isServed
            label="Past predictions"
            items={items}
            columns={columns}
            open={{ id: search.id, onOpen: open }}
          />
        </>
      ) : data.nextCursor === null ? (
        <NothingMatches search={search} columns={columns} />
      ) : (
        <Empty icon={<IconHourglass size={22} />} title="Nothing found so far">
          There are more predictions to look through: search further, or set the time or the row.
        </Empty>
      )}
      <LookedThrough answer={data} />
      <Pages
        label="Predictions"
        pages={pages}
        answer={data}
        isSearch={filter.search !== undefined || data?.lookedThrough !== undefined}
      />
      <PredictionDrawer id={search.id} columns={columns} onClose={() => open(undefined)} />
    </Section>
  );
}

/** Why a page is short although there are more. */
function LookedThrough({ answer }: { readonly answer: PastPredictions | undefined }) {
  if (answer?.lookedThrough === undefined) return null;
  const { rows, to } = answer.lookedThrough;
  return (
    <Text size="sm" c="dimmed" px="md" py="xs">
      {toNumberText(rows)} predictions were looked through, back to {toTimeText(to)}.
    </Text>
  );
}
