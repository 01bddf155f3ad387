import { Group, Select, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type PastPredictions, pastPredictionsSort } from '#api';
import { DayRange, type Days } from '../../components/DayRange.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { NumberFacts } from '../../components/NumberFacts.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Pages } from '../../components/Pages.tsx';
import { PeriodPill } from '../../components/PeriodPill.tsx';
import { PredictionTable } from '../../components/PredictionTable.tsx';
import { Section } from '../../components/Section.tsx';
import { toCountText, toNumberText } from '../../format.ts';
import { contractQuery, type PastPredictionsFilter, pastPredictionsQuery } from '../../queries.ts';
import { fromFirstPage, type PastPredictionsSearch, type SourceFilter } from '../../search.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { timeZone } from '../../zone.ts';
import { DownloadButton } from './DownloadButton.tsx';
import { toPresets } from './date-range.ts';
import { RowFilter } from './RowFilter.tsx';
import { SendLabels } from './SendLabels.tsx';

const route = getRouteApi('/past-predictions');
const SOURCES: { readonly value: SourceFilter; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'webapp', label: 'Webapp' },
  { value: 'scheduled', label: 'Scheduled predictions' },
  { value: 'api', label: 'API' },
];

/** Every stored prediction with its features. */
export function PastPredictionsPage() {
  const search = route.useSearch();
  const table = useTableState('predictions');
  const filter = toFilter(search, toListQuery(table, pastPredictionsSort));
  return (
    <>
      <PageHeader title="Past predictions" actions={<Filters />}>
        Both days are included; days and times are those of {timeZone()}
      </PageHeader>
      <Results filter={filter} />
    </>
  );
}

function toFilter(
  { from, to, rowId, source = 'all' }: PastPredictionsSearch,
  list: Pick<PastPredictionsFilter, 'sort' | 'search'>,
): PastPredictionsFilter {
  return { from, to, rowId, source, timezone: timeZone(), ...list };
}

function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const setDates = ({ from, to }: Days) =>
    void navigate({
      replace: true,
      search: ({ from: _from, to: _to, ...others }) => ({
        ...fromFirstPage(others),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      }),
    });
  const setSource = (source: SourceFilter | null) =>
    void navigate({
      replace: true,
      search: ({ source: _source, ...others }) =>
        fromFirstPage(source === null || source === 'all' ? others : { ...others, source }),
    });
  const setRow = (rowId: string) =>
    void navigate({
      replace: true,
      search: ({ rowId: _rowId, ...others }) => fromFirstPage(rowId === '' ? others : { ...others, rowId }),
    });
  return (
    <Group gap="sm" align="flex-end">
      <PeriodPill from={search.from} to={search.to} onRemove={() => setDates({})} />
      <RowFilter key={search.rowId ?? ''} rowId={search.rowId ?? ''} onChange={setRow} />
      <DayRange from={search.from} to={search.to} presets={toPresets(new Date())} onChange={setDates} />
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
  const pages = usePages('predictions', filter);
  const columns = useQuery(contractQuery).data?.columns ?? [];
  const query = useQuery(pastPredictionsQuery(filter, pages.request));
  const items = query.data?.items ?? [];
  if (query.error !== null && query.data === undefined) {
    return <Failed what="The past predictions" error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <Section title="Predictions" aside={<Aside count={items.length} total={query.data?.total} filter={filter} />}>
      {query.data === undefined ? (
        <LoadingRows rows={10} />
      ) : items.length === 0 && filter.search === undefined ? (
        <NoPredictions isFiltered={isFiltered(filter)} />
      ) : (
        <>
          <NumberFacts items={items} of={`Of the ${toNumberText(items.length)} shown`} />
          <PredictionTable isServed label="Past predictions" items={items} columns={columns} />
        </>
      )}
      <Pages label="Predictions" pages={pages} answer={query.data} isSearch={filter.search !== undefined} />
    </Section>
  );
}

interface AsideProps {
  readonly count: number;
  readonly total: PastPredictions['total'];
  readonly filter: PastPredictionsFilter;
}

function Aside({ count, total, filter }: AsideProps) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Text size="sm" c="dimmed" className="nowrap tabular">
        {toTotalText(count, total)}
      </Text>
      <SendLabels />
      <DownloadButton filter={filter} isDisabled={count === 0} />
    </Group>
  );
}

function toTotalText(count: number, total: PastPredictions['total']): string {
  if (total === undefined) return '';
  const all = `${total.isExact ? '' : 'about '}${toCountText(total.count, 'prediction')}`;
  return count < total.count ? `${toNumberText(count)} of ${all}` : all;
}

const isFiltered = ({ from, to, source, rowId }: PastPredictionsFilter): boolean =>
  from !== undefined || to !== undefined || rowId !== undefined || source !== 'all';

function NoPredictions({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty icon={<IconHistory size={22} />} title={isFiltered ? 'Nothing matches' : 'Nothing has been predicted yet'}>
      {isFiltered ? (
        <>
          No prediction was made on these days, by this source, for this row.{' '}
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
