import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { OwnSession } from '#api';
import { call } from '../../client.ts';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { ownSessionsQuery } from '../../queries.ts';

const METHODS: Readonly<Record<OwnSession['method'], string>> = {
  password: 'Password',
  oidc: 'Identity provider',
  link: 'One-time link',
};

const COLUMNS: readonly RecordColumn<OwnSession>[] = [
  {
    key: 'browser',
    title: 'Browser',
    value: ({ browser }) => browser,
    render: ({ browser, isPresent, address }) => (
      <>
        <Group gap="xs">
          <Text size="sm" fw={550} lineClamp={1} className="break" title={browser}>
            {browser}
          </Text>
          {isPresent ? <ToneBadge tone="green">This one</ToneBadge> : null}
        </Group>
        <Text size="xs" c="dimmed">
          {address}
        </Text>
      </>
    ),
  },
  {
    key: 'method',
    title: 'Logged in by',
    visibleFrom: 'sm',
    value: ({ method }) => method,
    render: ({ method }) => METHODS[method],
  },
  {
    key: 'seen',
    title: 'Last used',
    align: 'right',
    value: ({ seenAt }) => seenAt,
    render: ({ seenAt }) => <TimeText time={seenAt} />,
  },
  { key: 'end', title: 'End', align: 'right', render: (session) => <EndButton session={session} /> },
];

/** The sessions of the user, each of which can be ended. */
export function OwnSessions() {
  const { data, error, refetch } = useQuery(ownSessionsQuery);
  if (data === undefined)
    return error === null ? (
      <LoadingRows rows={3} />
    ) : (
      <Failed what="Your sessions" error={error} onRetry={() => void refetch()} />
    );
  return (
    <RecordTable name="sessions" label="Your sessions" columns={COLUMNS} records={data.items} toKey={({ id }) => id} />
  );
}

function EndButton({ session: { id, isPresent, browser } }: { readonly session: OwnSession }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => call('endOwnSession', { params: { id } }),
    onSuccess: (sessions) => client.setQueryData(ownSessionsQuery.queryKey, sessions),
    onError: (error) => notifications.show({ color: 'red', title: 'The session goes on', message: error.message }),
  });
  if (isPresent) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`End the session of ${browser}`}
      loading={end.isPending}
      onClick={() => end.mutate()}
    >
      End
    </Button>
  );
}
