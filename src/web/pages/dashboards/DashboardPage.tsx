import { Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconChartHistogram } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Dashboard } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ToneDot } from '../../components/ToneBadge.tsx';
import { PanelGrid } from '../../dashboard/PanelGrid.tsx';
import { toClockText } from '../../format.ts';
import { dashboardRowsQuery, dashboardsQuery } from '../../queries.ts';
import { timeZone } from '../../zone.ts';

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
  const minutes = route.useSearch().minutes ?? dashboard.defaultWindowMinutes;
  const { data, error, refetch } = useQuery(dashboardRowsQuery(dashboard.id, minutes, dashboard.refreshSeconds));
  return (
    <>
      <PageHeader title={dashboard.title} actions={<WindowSelector dashboard={dashboard} minutes={minutes} />}>
        <Group gap={7}>
          <span>For {dashboard.audience}</span>
          <ToneDot tone={error === null ? 'green' : 'orange'} isPulsing />
          <Text span size="sm" className="tabular">
            {data === undefined
              ? `every ${dashboard.refreshSeconds} s`
              : `as of ${toClockText(data.to)} (${timeZone()})`}
          </Text>
        </Group>
      </PageHeader>
      {error !== null && data === undefined ? (
        <Failed what="This dashboard" error={error} onRetry={() => void refetch()} />
      ) : (
        <PanelGrid dashboard={dashboard} data={data} />
      )}
    </>
  );
}

interface WindowSelectorProps {
  readonly dashboard: Dashboard;
  readonly minutes: number;
}

function WindowSelector({ dashboard, minutes }: WindowSelectorProps) {
  const navigate = route.useNavigate();
  const data = dashboard.windows.map(({ label, minutes: each }) => ({ value: String(each), label }));
  const change = (next: string | null) => void navigate({ replace: true, search: { minutes: Number(next) } });
  // Many or long windows do not fit side by side on a phone.
  return (
    <>
      <SegmentedControl
        aria-label="Window of time"
        data={data}
        value={String(minutes)}
        onChange={change}
        visibleFrom="sm"
        size="xs"
      />
      <Select
        aria-label="Window of time"
        data={data}
        value={String(minutes)}
        onChange={change}
        hiddenFrom="sm"
        allowDeselect={false}
        w={160}
      />
    </>
  );
}
