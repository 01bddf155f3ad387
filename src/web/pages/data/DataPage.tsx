import { Box, SegmentedControl, Text } from '@mantine/core';
import { IconFileSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Check, checksSort, verdict } from '#api';
import { FileName } from '../../components/FileName.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Pages } from '../../components/Pages.tsx';
import { PeriodPill } from '../../components/PeriodPill.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { ShareBar } from '../../components/ShareBar.tsx';
import { CriticalityBadge, VerdictBadge } from '../../components/states.tsx';
import { TimeBelow } from '../../components/TimeBelow.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { toNumberText } from '../../format.ts';
import { checksQuery, projectQuery } from '../../queries.ts';
import { fromFirstPage } from '../../search.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { timeZone } from '../../zone.ts';
import { CheckDrawer } from './CheckDrawer.tsx';
import { RawFiles } from './RawFiles.tsx';

const route = getRouteApi('/data');
const BY_TIME = { key: 'checked', isDescending: true };
const VERDICTS = [
  { value: 'all', label: 'All' },
  { value: 'pass', label: 'Pass' },
  { value: 'warn', label: 'Warn' },
  { value: 'fail', label: 'Fail' },
  { value: 'quarantined', label: 'Quarantined' },
];

const COLUMNS: readonly RecordColumn<Check>[] = [
  {
    key: 'file',
    order: 'file',
    title: 'File',
    render: (check) => (
      <>
        <Link
          to="/data"
          search={(search) => ({ ...search, check: check.id })}
          className="row-link"
          onClick={(event) => event.stopPropagation()}
        >
          <FileName name={check.file} />
        </Link>
        <TimeBelow time={check.checkedAt} />
      </>
    ),
  },
  { key: 'verdict', title: 'Verdict', render: (check) => <VerdictBadge verdict={check.verdict} /> },
  {
    key: 'criticality',
    title: 'Criticality',
    visibleFrom: 'sm',
    render: (check) => <CriticalityBadge criticality={check.criticality} />,
  },
  {
    key: 'bar',
    order: 'unusable',
    title: 'Good, bad, rejected',
    visibleFrom: 'sm',
    width: '16%',
    render: (check) => <ShareBar rows={check.rows} verdict={check.verdict} />,
  },
  {
    key: 'rows',
    order: 'rows',
    title: 'Rows',
    align: 'right',
    visibleFrom: 'md',
    render: (check) => (
      <span className="tabular">{check.verdict === 'quarantined' ? '–' : toNumberText(check.rows.in)}</span>
    ),
  },
  {
    key: 'summary',
    title: 'Summary',
    visibleFrom: 'lg',
    width: '28%',
    render: (check) => (
      <Text size="sm" c="dimmed" lineClamp={1} className="break">
        {check.summary}
      </Text>
    ),
  },
  {
    key: 'time',
    order: 'checked',
    title: 'Checked',
    align: 'right',
    visibleFrom: 'sm',
    render: (check) => <TimeText time={check.checkedAt} />,
  },
  {
    key: 'report',
    title: 'Report',
    align: 'right',
    visibleFrom: 'md',
    render: (check) => <ReportLink check={check} />,
  },
];

function ReportLink({ check }: { readonly check: Check }) {
  if (check.reportUrl === null) return <span>–</span>;
  return (
    <Link
      to="/reports/$id"
      params={{ id: check.id }}
      className="text-link"
      aria-label={`Open the report of ${check.file}`}
      onClick={(event) => event.stopPropagation()}
    >
      Open
    </Link>
  );
}

/** Every checked file and its result. */
export function DataPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const table = useTableState('checks');
  const filter = {
    ...{ verdict: search.verdict, from: search.from, to: search.to, timezone: timeZone() },
    ...toListQuery(table, checksSort),
  };
  const pages = usePages('checks', filter);
  const query = useQuery(checksQuery(filter, pages.request));
  const hasModel = useQuery(projectQuery).data?.hasModel ?? false;
  const isFiltered = search.verdict !== undefined || search.from !== undefined || search.to !== undefined;
  const items = query.data?.items ?? [];
  const open = (id: string | undefined) =>
    void navigate({
      resetScroll: false,
      search: ({ check: _old, ...others }) => (id === undefined ? others : { ...others, check: id }),
    });
  return (
    <>
      <PageHeader title="Data" actions={<Filters />}>
        Files that arrived, checked against the contract.
      </PageHeader>
      {hasModel ? (
        <Box mb="lg">
          <RawFiles />
        </Box>
      ) : null}
      {query.error !== null && query.data === undefined ? (
        <Failed what="The checked files" error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Section title="Checked files">
          {query.data === undefined ? (
            <LoadingRows rows={10} />
          ) : items.length === 0 && table.search === '' ? (
            <Empty
              icon={<IconFileSearch size={22} />}
              title={isFiltered ? 'No file matches' : 'No file has been checked yet'}
            >
              {isFiltered
                ? 'Choose another verdict or time above; new files appear here by themselves.'
                : 'Files that arrive in the raw-data folder are checked one a run by the ingest pipeline and appear here.'}
            </Empty>
          ) : (
            <RecordTable
              name="checks"
              label="Checked files"
              columns={COLUMNS}
              records={items}
              toKey={({ id }) => id}
              servedBy={BY_TIME}
              onOpen={({ id }) => open(id)}
            />
          )}
          <Pages label="Checked files" pages={pages} answer={query.data} isSearch={table.search !== ''} />
        </Section>
      )}
      <CheckDrawer id={search.check} onClose={() => open(undefined)} />
    </>
  );
}

function Filters() {
  const { from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const showAllTimes = () =>
    void navigate({ replace: true, search: ({ from: _from, to: _to, ...others }) => fromFirstPage(others) });
  return (
    <>
      <PeriodPill from={from} to={to} onRemove={showAllTimes} />
      <VerdictFilter />
    </>
  );
}

function VerdictFilter() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <SegmentedControl
      aria-label="Verdict"
      size="xs"
      data={VERDICTS}
      value={search.verdict ?? 'all'}
      onChange={(next) =>
        void navigate({
          replace: true,
          search: ({ verdict: _old, ...others }) => {
            const chosen = verdict.safeParse(next);
            return fromFirstPage(chosen.success ? { ...others, verdict: chosen.data } : others);
          },
        })
      }
    />
  );
}
