import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../../client.ts';

/** Asks again for the goals of an ended run, and shows the new run; what is complete is not computed again. */
export function RetryButton({ runId }: { readonly runId: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const retry = useMutation({
    mutationFn: () => call('retryRun', { params: { id: runId } }),
    onSuccess: ({ runId: id }) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      void navigate({ to: '/runs/$id', params: { id } });
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The run was not tried again', message: error.message }),
  });
  return (
    <Button leftSection={<IconRefresh size={16} />} loading={retry.isPending} onClick={() => retry.mutate()}>
      Retry from failure
    </Button>
  );
}
