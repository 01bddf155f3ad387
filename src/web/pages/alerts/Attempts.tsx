import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { toDurationText } from '../../format.ts';
import { alertAttemptsQuery } from '../../queries.ts';

/** The log of deliveries of one alert, asked for when it is opened. */
export function Attempts({ alertId, title }: { readonly alertId: string; readonly title: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Stack gap={6}>
      <Button
        size="compact-xs"
        variant="subtle"
        w="fit-content"
        aria-expanded={isOpen}
        aria-label={`Attempts to deliver: ${title}`}
        onClick={() => setIsOpen(!isOpen)}
      >
        Attempts
      </Button>
      {isOpen ? <AttemptList alertId={alertId} /> : null}
    </Stack>
  );
}

function AttemptList({ alertId }: { readonly alertId: string }) {
  const { data, error, refetch } = useQuery(alertAttemptsQuery(alertId));
  if (data === undefined) {
    return error === null ? (
      <LoadingRows rows={2} />
    ) : (
      <Failed what="The attempts" error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.items.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        It has not been sent yet.
      </Text>
    );
  }
  return (
    <Stack gap={2}>
      {data.items.map(({ channel, attempt, startedAt, durationMs, outcome, error: reason }) => (
        <Text key={`${channel} ${attempt}`} size="sm" className="break tabular" component="div">
          <TimeText time={startedAt} isAbsolute /> {channel}, attempt {attempt}: {outcome ?? 'outcome unknown'}
          {durationMs === null ? '' : ` after ${toDurationText(durationMs)}`}
          {reason === null ? '' : `: ${reason}`}
        </Text>
      ))}
      {data.nextCursor === null ? null : (
        <Text size="sm" c="dimmed">
          Older attempts are not shown.
        </Text>
      )}
    </Stack>
  );
}
