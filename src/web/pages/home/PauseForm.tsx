import { Button, Group, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Schedule } from '#api';
import { BY } from '../../by-whom.ts';
import { call } from '../../client.ts';
import { REASON_LENGTH_MAX } from '../../components/ReasonFields.tsx';

interface PauseFormProps {
  readonly schedule: Schedule;
  readonly onDone: () => void;
}

/** Asks for the reason why a schedule is paused or resumed, which is shown to others. */
export function PauseForm({ schedule: { pipeline, pause }, onDone }: PauseFormProps) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const isPaused = pause !== null;
  const field = useRef<HTMLInputElement>(null);
  // Focused, because it was opened to be filled in.
  useEffect(() => field.current?.focus(), []);
  const change = useMutation({
    mutationFn: () =>
      call(isPaused ? 'resumeSchedule' : 'pauseSchedule', {
        params: { pipeline },
        body: { reason, by: BY },
      }),
    onSuccess: onDone,
    onError: (error) =>
      notifications.show({
        ...{ color: 'red', title: `${pipeline} was not ${isPaused ? 'resumed' : 'paused'}`, message: error.message },
      }),
    // Also after a refusal: another user was faster, and the page shows an old state.
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['schedules'] });
      void queries.invalidateQueries({ queryKey: ['project'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== '') change.mutate();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone();
      }}
    >
      <Stack gap="xs">
        <TextInput
          label={isPaused ? 'Why is it resumed?' : 'Why is it paused?'}
          description={isPaused ? undefined : 'A run in progress continues.'}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={REASON_LENGTH_MAX}
          ref={field}
          required
        />
        <Group gap="xs" justify="flex-end">
          <Button variant="default" size="xs" onClick={onDone}>
            Leave it
          </Button>
          <Button type="submit" size="xs" loading={change.isPending} disabled={reason.trim() === ''}>
            {isPaused ? `Resume ${pipeline}` : `Pause ${pipeline}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
