import { Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconBellCheck, IconCheck, IconClock, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Alert, pages as paths } from '#api';
import { FactList } from '../../components/FactList.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { Pages } from '../../components/Pages.tsx';
import { AlertBadge, alertTone } from '../../components/states.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toCountText } from '../../format.ts';
import { alertsQuery } from '../../queries.ts';
import { SearchField } from '../../table/SearchField.tsx';
import { usePages } from '../../table/use-pages.ts';
import { useTableState } from '../../table/use-table-state.ts';
import { Attempts } from './Attempts.tsx';

/** Alerts about files lead to their reports. */
const REPORTS = `${paths.reports}/`;

/** What people were told, newest first, with the state of each delivery. */
export function Notices() {
  const table = useTableState('alerts');
  const { search } = table;
  const filter = search === '' ? {} : { search };
  const pages = usePages('alerts', filter);
  const query = useQuery(alertsQuery(filter, pages.request));
  const items = query.data?.items ?? [];
  return (
    <section aria-labelledby="notices">
      <Group justify="space-between" gap="sm" mb="sm">
        <Title order={2} fz={15} id="notices">
          Notices
        </Title>
        <SearchField label="Search: alerts" search={search} onSearch={table.setSearch} />
      </Group>
      {query.error !== null && query.data === undefined ? (
        <Failed what="The alerts" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <LoadingRows rows={4} height={90} />
      ) : items.length === 0 ? (
        <Card>
          <Empty icon={<IconBellCheck size={22} />} title={search === '' ? 'No alert so far' : 'No alert found'}>
            {search === ''
              ? 'When a rule fires or a checked file has problems, an alert with its criticality, a summary and its deliveries appears here.'
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
      <Pages label="Notices" pages={pages} answer={query.data} isSearch={search !== ''} />
    </section>
  );
}

function AlertCard({ alert }: { readonly alert: Alert }) {
  return (
    <Card
      component="article"
      aria-label={alert.title}
      style={{
        borderLeft: `4px solid var(--tone-${alertTone(alert)}-solid)`,
      }}
    >
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Group gap="sm" style={{ minWidth: 0 }}>
            <AlertBadge alert={alert} />
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
          <Links alert={alert} />
        </Group>
        {alert.deliveries.length === 0 ? null : <Attempts alertId={alert.id} title={alert.title} />}
      </Stack>
    </Card>
  );
}

function Links({ alert: { link, ruleName, runId } }: { readonly alert: Alert }) {
  return (
    <Group gap="md">
      {ruleName === null ? null : (
        <Link
          to="/alerts"
          search={(search) => ({ ...search, rule: ruleName })}
          resetScroll={false}
          className="text-link"
          aria-label={`Show the rule ${ruleName}`}
        >
          Rule {ruleName}
        </Link>
      )}
      {runId === null ? null : (
        <Link to="/runs/$id" params={{ id: runId }} className="text-link" aria-label={`Open run ${runId}`}>
          Run {runId}
        </Link>
      )}
      {link === null ? null : (
        <a href={link} className="text-link">
          {link.includes(REPORTS) ? 'Open the report' : 'See what it is about'}
        </a>
      )}
    </Group>
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
