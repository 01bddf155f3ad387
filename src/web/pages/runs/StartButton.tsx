import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../../client.ts';

interface StartButtonProps {
  readonly pipeline: string;
  readonly isCompact?: boolean;
}

/** Starts a pipeline now and shows the run. */
export function StartButton({ pipeline, isCompact = false }: StartButtonProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: () => call('startRun', { params: { name: pipeline } }),
    onSuccess: ({ runId }) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      void navigate({ to: '/runs/$id', params: { id: runId } });
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: `${pipeline} did not start`, message: error.message }),
  });
  if (isCompact) {
    return (
      <Tooltip label={`Start ${pipeline} now`}>
        <ActionIcon
          size="lg"
          aria-label={`Start ${pipeline} now`}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          <IconPlayerPlay size={16} />
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <Button leftSection={<IconPlayerPlay size={16} />} loading={start.isPending} onClick={() => start.mutate()}>
      Start {pipeline} now
    </Button>
  );
}
