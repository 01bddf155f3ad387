import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { call } from '../../client.ts';
import { useStartedRun } from './use-started-run.ts';

interface StartButtonProps {
  readonly pipeline: string;
  readonly isCompact?: boolean;
}

/** Starts a pipeline now and shows the run. */
export function StartButton({ pipeline, isCompact = false }: StartButtonProps) {
  const start = useStartedRun(() => call('startRun', { params: { name: pipeline } }), `${pipeline} did not start`);
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
