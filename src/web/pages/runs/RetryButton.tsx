import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { call } from '../../client.ts';
import { usePermission } from '../../session.ts';
import { useStartedRun } from './use-started-run.ts';

/** Retries an ended run, and shows the new run; what is complete is not computed again. */
export function RetryButton({ runId }: { readonly runId: string }) {
  const retry = useStartedRun(() => call('retryRun', { params: { id: runId } }), 'The run was not retried');
  const permission = usePermission('retryRun');
  return (
    <Button
      leftSection={<IconRefresh size={16} />}
      loading={retry.isPending}
      onClick={() => retry.mutate()}
      {...permission}
    >
      Retry from failure
    </Button>
  );
}
