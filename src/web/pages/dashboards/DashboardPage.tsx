import { Group, Text } from '@mantine/core';
import { IconChartHistogram } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Dashboard, DashboardRows } from '#api';
import type { Request } from '../../client.ts';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ToneDot } from '../../components/ToneBadge.tsx';
import { PanelGrid } from '../../dashboard/PanelGrid.tsx';
import { toClockText, toTimeText } from '../../format.ts';
import { dashboardRowsQuery, dashboardsQuery } from '../../queries.ts';
import type { DashboardSearch } from '../../search.ts';
import { timeZone } from '../../zone.ts';
import { DashboardControls } from './DashboardControls.tsx';
import { WallHeader } from './WallHeader.tsx';

const route = getRouteApi('/dashboards/$id');

/** Any dashboard the server defines, drawn live over a window of time. */
export function DashboardPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(dashboardsQuery);
  const dashboard = data?.items.find((each) => each.id === id);
  if (data === undefined) {
    return error === null ? (
      <LoadingRows rows={6} height={80} />
    ) : (
      <>
        <PageHeader title="Dashboard" />
        <Failed what="The dashboards" error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  if (dashboard === undefined) {
    return (
      <>
        <PageHeader title="Dashboard" />
        <Empty icon={<IconChartHistogram size={22} />} title={`There is no dashboard “${id}”`}>
          {data.items.length === 0
            ? 'The project defines no dashboards.'
            : `There are: ${data.items.map(({ title }) => title).join(', ')}.`}
        </Empty>
      </>
    );
  }
  return <DashboardView key={id} dashboard={dashboard} />;
}

function DashboardView({ dashboard }: { readonly dashboard: Dashboard }) {
  const { wall = false, ...search } = route.useSearch();
  const query = toQuery(search, dashboard);
  const { data, error, refetch } = useQuery(dashboardRowsQuery(dashboard.id, query, dashboard.refreshSeconds));
  const content =
    error !== null && data === undefined ? (
      <Failed what="This dashboard" error={error} onRetry={() => void refetch()} />
    ) : (
      <PanelGrid dashboard={dashboard} data={data} />
    );
  if (wall) {
    return (
      <>
        <WallHeader dashboard={dashboard} data={data} isFailing={error !== null} />
        {content}
      </>
    );
  }
  return (
    <>
      <PageHeader title={dashboard.title} actions={<DashboardControls dashboard={dashboard} data={data} />}>
        <Group gap={7}>
          <span>For {dashboard.audience}</span>
          <ToneDot tone={error === null ? 'green' : 'orange'} isPulsing={query.to === undefined} />
          <Text span size="sm" className="tabular">
            {toFreshnessText(data, dashboard, query.to)}
          </Text>
        </Group>
      </PageHeader>
      {content}
    </>
  );
}

/** What the address says is what is asked for. */
function toQuery(search: Omit<DashboardSearch, 'wall'>, dashboard: Dashboard): Request<'dashboard'>['query'] {
  const { from, to, minutes = dashboard.defaultWindowMinutes, source, column, version } = search;
  const period = from === undefined || to === undefined ? { minutes } : { from, to, timezone: timeZone() };
  const chosen = Object.entries({ source, column, version }).flatMap(([name, values]) =>
    values === undefined ? [] : [[name, [...values]]],
  );
  return { ...period, ...Object.fromEntries(chosen) };
}

function toFreshnessText(data: DashboardRows | undefined, dashboard: Dashboard, to: string | undefined): string {
  if (data === undefined) return `every ${dashboard.refreshSeconds} s`;
  return to === undefined
    ? `as of ${toClockText(data.to)} (${timeZone()})`
    : `${toTimeText(data.from)} to ${toTimeText(data.to)} (${timeZone()})`;
}
