import '@mantine/dates/styles.css';
import { Group, Select, Text } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { IconCalendar, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { LoadMore } from '../../components/LoadMore.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { PredictionTable } from '../../components/PredictionTable.tsx';
import { Section } from '../../components/Section.tsx';
import { timeZone, toCountText } from '../../format.ts';
import { contractQuery, type PastPredictionsFilter, pastPredictionsQuery } from '../../queries.ts';
import type { PastPredictionsSearch, SourceFilter } from '../../search.ts';
import { DownloadButton } from './DownloadButton.tsx';
import { toPresets } from './date-range.ts';

const route = getRouteApi('/past-predictions');
const SOURCES: { readonly value: SourceFilter; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'webapp', label: 'Webapp' },
  { value: 'scheduled', label: 'Scheduled predictions' },
  { value: 'api', label: 'API' },
];

/** Every stored prediction with its features. */
export function PastPredictionsPage() {
  const filter = toFilter(route.useSearch());
  return (
    <>
      <PageHeader title="Past predictions" actions={<Filters />}>
        Both days are included; days and times are those of {timeZone()}
      </PageHeader>
      <Results filter={filter} />
    </>
  );
}

function toFilter(search: PastPredictionsSearch): PastPredictionsFilter {
  return { ...search, source: search.source ?? 'all', timezone: timeZone() };
}

function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const setDates = ([from, to]: [string | null, string | null]) =>
    void navigate({
      replace: true,
      search: ({ from: _from, to: _to, ...others }) => ({
        ...others,
        ...(from === null ? {} : { from }),
        ...(to === null ? {} : { to }),
      }),
    });
  const setSource = (source: SourceFilter | null) =>
    void navigate({
      replace: true,
      search: ({ source: _source, ...others }) =>
        source === null || source === 'all' ? others : { ...others, source },
    });
  return (
    <Group gap="sm" align="flex-end">
      <DatePickerInput
        type="range"
        label="Days"
        placeholder="All days"
        clearable
        allowSingleDateInRange
        valueFormat="D MMM YYYY"
        leftSection={<IconCalendar size={16} />}
        presets={toPresets(new Date())}
        value={[search.from ?? null, search.to ?? null]}
        onChange={setDates}
        clearButtonProps={{ 'aria-label': 'All days' }}
        w={264}
      />
      <Select
        label="Source"
        data={SOURCES}
        value={search.source ?? 'all'}
        onChange={(value) => setSource(SOURCES.find((each) => each.value === value)?.value ?? null)}
        allowDeselect={false}
        w={210}
      />
    </Group>
  );
}

function Results({ filter }: { readonly filter: PastPredictionsFilter }) {
  const columns = useQuery(contractQuery).data?.columns ?? [];
  const query = useInfiniteQuery(pastPredictionsQuery(filter));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.error !== null && query.data === undefined) {
    return <Failed what="The past predictions" error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <Section title="Predictions" aside={<Aside count={items.length} hasMore={query.hasNextPage} filter={filter} />}>
      {query.data === undefined ? (
        <LoadingRows rows={10} />
      ) : items.length === 0 ? (
        <NoPredictions isFiltered={filter.from !== undefined || filter.source !== 'all'} />
      ) : (
        <PredictionTable label="Past predictions" items={items} columns={columns} />
      )}
      <LoadMore
        hasMore={query.hasNextPage}
        isLoading={query.isFetchingNextPage}
        onLoad={() => void query.fetchNextPage()}
      />
    </Section>
  );
}

interface AsideProps {
  readonly count: number;
  readonly hasMore: boolean;
  readonly filter: PastPredictionsFilter;
}

function Aside({ count, hasMore, filter }: AsideProps) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Text size="sm" c="dimmed" className="nowrap tabular">
        {hasMore ? `first ${count}` : toCountText(count, 'prediction')}
      </Text>
      <DownloadButton filter={filter} isDisabled={count === 0} />
    </Group>
  );
}

function NoPredictions({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty icon={<IconHistory size={22} />} title={isFiltered ? 'Nothing matches' : 'Nothing has been predicted yet'}>
      {isFiltered ? (
        <>
          No prediction was made on these days by this source.{' '}
          <Link to="/past-predictions" search={{}}>
            Show all
          </Link>
          .
        </>
      ) : (
        <>
          The predict pipeline predicts the rows of new good files by its schedule.{' '}
          <Link to="/predict">Make one now</Link>.
        </>
      )}
    </Empty>
  );
}
