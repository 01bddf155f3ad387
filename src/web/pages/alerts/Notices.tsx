import { Card, Group, Stack, Text } from '@mantine/core';
import { IconBellCheck, IconCheck, IconClock, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Alert } from '#api';
import { FactList } from '../../components/FactList.tsx';
import { LoadMore } from '../../components/LoadMore.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { CriticalityBadge, criticalityTone } from '../../components/states.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toCountText } from '../../format.ts';
import { alertsQuery } from '../../queries.ts';
import { SearchField } from '../../table/SearchField.tsx';
import { useTableState } from '../../table/use-table-state.ts';

/** Problems, their criticality, and whether alerts were delivered. */
export function AlertsPage() {
  const table = useTableState('alerts');
  const { search } = table;
  const query = useInfiniteQuery(alertsQuery(search === '' ? {} : { search }));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader
        title="Alerts"
        actions={<SearchField label="Search: alerts" search={search} onSearch={table.setSearch} />}
      >
        Newest first, with the state of each delivery
      </PageHeader>
      {query.error !== null && query.data === undefined ? (
        <Failed what="The alerts" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <LoadingRows rows={4} height={90} />
      ) : items.length === 0 ? (
        <Card>
          <Empty icon={<IconBellCheck size={22} />} title={search === '' ? 'No alert so far' : 'No alert found'}>
            {search === ''
              ? 'When a checked file has problems, an alert with its criticality, a summary and a link to the report appears here.'
              : `No alert contains “${search}”.`}
          </Empty>
        </Card>
      ) : (
        <Stack gap="sm">
          {items.map((alert) => (
            <AlertCard key={alert.id} alert={alert} />
          ))}
        </Stack>
      )}
      <LoadMore
        hasMore={query.hasNextPage}
        isLoading={query.isFetchingNextPage}
        onLoad={() => void query.fetchNextPage()}
        isSearch={search !== ''}
      />
    </>
  );
}

function AlertCard({ alert }: { readonly alert: Alert }) {
  return (
    <Card
      component="article"
      aria-label={alert.title}
      style={{ borderLeft: `4px solid var(--tone-${criticalityTone(alert.criticality)}-solid)` }}
    >
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Group gap="sm" style={{ minWidth: 0 }}>
            <CriticalityBadge criticality={alert.criticality} />
            <Text fw={600} className="break">
              {alert.title}
            </Text>
          </Group>
          <Text size="sm" c="dimmed" component="span">
            <TimeText time={alert.createdAt} />
          </Text>
        </Group>
        <Text size="sm" className="break" style={{ whiteSpace: 'pre-line' }}>
          {alert.summary}
        </Text>
        <Facts alert={alert} />
        <Group gap="sm" justify="space-between">
          <Group gap={6}>
            {alert.deliveries.map((delivery) => (
              <DeliveryBadge key={delivery.channel} delivery={delivery} />
            ))}
          </Group>
          {alert.link === null ? null : (
            <a href={alert.link} className="text-link">
              Open the report
            </a>
          )}
        </Group>
      </Stack>
    </Card>
  );
}

function Facts({ alert }: { readonly alert: Alert }) {
  if (alert.facts.length === 0) return null;
  return <FactList facts={alert.facts.map(({ title, value }) => ({ name: title, value }))} />;
}

function DeliveryBadge({ delivery }: { readonly delivery: Alert['deliveries'][number] }) {
  const { channel, state, attempts, lastError } = delivery;
  switch (state) {
    case 'waiting':
      return (
        <ToneBadge tone="grey" icon={<IconClock size={13} />}>
          {channel}: waiting{attempts > 0 ? `, ${toCountText(attempts, 'try', 'tries')}` : ''}
        </ToneBadge>
      );
    case 'accepted':
      return (
        <ToneBadge tone="green" icon={<IconCheck size={13} />}>
          {channel}: accepted
        </ToneBadge>
      );
    case 'failed':
      return (
        <Group gap={6}>
          <ToneBadge tone="red" icon={<IconX size={13} />}>
            {channel}: failed after {toCountText(attempts, 'try', 'tries')}
          </ToneBadge>
          {lastError === null ? null : (
            <Text size="xs" c="dimmed" className="break">
              {lastError}
            </Text>
          )}
        </Group>
      );
    default: {
      const never: never = state;
      return never;
    }
  }
}
