import { Button, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AlertChannel } from '#api';
import { call } from '../../client.ts';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toNumberText } from '../../format.ts';
import { alertChannelsQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { channelLook, toRouteText, toTestSentence } from './channel-words.ts';

/** Where notices go, whether that works, and a test message for each. */
export function Channels() {
  const { data, error, refetch } = useQuery(alertChannelsQuery);
  return (
    <Section title="Channels">
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={2} />
        ) : (
          <Failed what="The channels" error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <Empty icon={<IconSend size={22} />} title="No channel">
          Notices appear on this page alone. Set a channel in the settings, under <code>alerts.channels</code>.
        </Empty>
      ) : (
        <RecordTable
          name="channels"
          label="Channels of alerts"
          columns={COLUMNS}
          records={data.items}
          toKey={({ name }) => name}
        />
      )}
    </Section>
  );
}

const COLUMNS: readonly RecordColumn<AlertChannel>[] = [
  {
    key: 'state',
    title: 'State',
    value: (channel) => channelLook(channel).word,
    render: (channel) => <ChannelState channel={channel} />,
  },
  {
    key: 'channel',
    title: 'Channel',
    value: ({ name, kind }) => `${name} ${kind}`,
    render: ({ name, kind }) => (
      <>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {name === kind ? null : (
          <Text size="xs" c="dimmed">
            {kind}
          </Text>
        )}
      </>
    ),
  },
  { key: 'gets', title: 'Gets', visibleFrom: 'sm', value: toRouteText, render: toRouteText },
  {
    key: 'waiting',
    title: 'Waiting',
    align: 'right',
    visibleFrom: 'sm',
    value: ({ waiting }) => waiting,
    render: ({ waiting }) => <span className="tabular">{toNumberText(waiting)}</span>,
  },
  {
    key: 'accepted',
    title: 'Last accepted',
    align: 'right',
    visibleFrom: 'sm',
    value: ({ lastAcceptedAt }) => lastAcceptedAt,
    render: ({ lastAcceptedAt }) => <TimeText time={lastAcceptedAt} />,
  },
  {
    key: 'test',
    title: 'Test',
    align: 'right',
    render: ({ name }) => <TestButton channel={name} />,
  },
];

function ChannelState({ channel }: { readonly channel: AlertChannel }) {
  const { tone, word } = channelLook(channel);
  return (
    <Stack gap={2} align="flex-start">
      <ToneBadge tone={tone}>{word}</ToneBadge>
      {channel.lastError === null || tone === 'green' ? null : (
        <Text size="xs" c="dimmed" className="break">
          {channel.lastError}
          {channel.nextProbeAt === null ? null : (
            <>
              ; next try <TimeText time={channel.nextProbeAt} />
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}

function TestButton({ channel }: { readonly channel: string }) {
  const queries = useQueryClient();
  const permission = usePermission('testAlertChannel');
  const test = useMutation({
    mutationFn: () => call('testAlertChannel', { params: { channel } }),
    onSuccess: (result) =>
      notifications.show({
        color: result.outcome === 'accepted' ? 'teal' : 'red',
        title: result.outcome === 'accepted' ? 'Test message sent' : 'Test message not accepted',
        message: toTestSentence(result),
      }),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The test message was not sent', message: error.message }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['alert-channels'] }),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={test.isPending}
      aria-label={`Send a test message to ${channel}`}
      onClick={() => test.mutate()}
      {...permission}
    >
      Send a test message
    </Button>
  );
}
