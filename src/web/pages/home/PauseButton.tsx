import { ActionIcon, Button, Popover, Stack, TextInput, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconClockPause, IconClockPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schedule } from '#api';
import { call } from '../../client.ts';

const REASON_LENGTH_MAX = 500;

/** Stops the clock of a pipeline, or lets it go on, and asks why: whoever looks next can read it. */
export function PauseButton({ schedule: { pipeline, pause } }: { readonly schedule: Schedule }) {
  const [isOpen, setIsOpen] = useState(false);
  const isPaused = pause !== null;
  const label = isPaused ? `Resume the schedule of ${pipeline}` : `Pause the schedule of ${pipeline}`;
  return (
    // Outside of the popover: its target hands what makes it a button's dialog to the child it is given.
    <Tooltip label={label} disabled={isOpen}>
      <span style={{ display: 'inline-flex' }}>
        <Popover
          opened={isOpen}
          onChange={setIsOpen}
          position="bottom-end"
          width={280}
          trapFocus
          returnFocus
          shadow="md"
        >
          <Popover.Target>
            <ActionIcon size="lg" variant="default" aria-label={label} onClick={() => setIsOpen(!isOpen)}>
              {isPaused ? <IconClockPlay size={16} /> : <IconClockPause size={16} />}
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown aria-label={label}>
            <ReasonForm pipeline={pipeline} isPaused={isPaused} onDone={() => setIsOpen(false)} />
          </Popover.Dropdown>
        </Popover>
      </span>
    </Tooltip>
  );
}

interface ReasonFormProps {
  readonly pipeline: string;
  readonly isPaused: boolean;
  readonly onDone: () => void;
}

function ReasonForm({ pipeline, isPaused, onDone }: ReasonFormProps) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const verb = isPaused ? 'resumed' : 'paused';
  const change = useMutation({
    mutationFn: () =>
      call(isPaused ? 'resumeSchedule' : 'pauseSchedule', {
        params: { pipeline },
        body: { reason, by: 'somebody at the web app' },
      }),
    onSuccess: onDone,
    onError: (error) =>
      notifications.show({ color: 'red', title: `${pipeline} was not ${verb}`, message: error.message }),
    // Also after a refusal: somebody else was quicker, and the page shows an old state.
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
    >
      <Stack gap="xs">
        <TextInput
          label={isPaused ? 'Why does it go on?' : 'Why is it paused?'}
          description={isPaused ? undefined : 'A run in progress goes on.'}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={REASON_LENGTH_MAX}
          data-autofocus
          required
        />
        <Button type="submit" loading={change.isPending} disabled={reason.trim() === ''}>
          {isPaused ? `Resume ${pipeline}` : `Pause ${pipeline}`}
        </Button>
      </Stack>
    </form>
  );
}
