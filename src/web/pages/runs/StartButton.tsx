import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import type { RunDetail } from '#api';
import { call } from '../../client.ts';
import { usePermission } from '../../session.ts';
import { useStartedRun } from './use-started-run.ts';

interface StartButtonProps {
  readonly pipeline: string;
  /** Those of an earlier run; none when absent. */
  readonly params?: RunDetail['given'];
  readonly isCompact?: boolean;
  /** What the button says; that it starts the pipeline unless given. */
  readonly children?: string;
}

/** Starts a pipeline now and shows the run. */
export function StartButton({ pipeline, params, isCompact = false, children }: StartButtonProps) {
  const start = useStart(pipeline, params);
  const permission = usePermission('startRun');
  if (isCompact) {
    return (
      <Tooltip label={`Start ${pipeline} now`}>
        <ActionIcon
          size="lg"
          aria-label={`Start ${pipeline} now`}
          loading={start.isPending}
          onClick={() => start.mutate()}
          {...permission}
        >
          <IconPlayerPlay size={16} />
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <Button
      leftSection={<IconPlayerPlay size={16} />}
      loading={start.isPending}
      onClick={() => start.mutate()}
      {...permission}
    >
      {children ?? `Start ${pipeline} now`}
    </Button>
  );
}

/** Starts a run of the pipeline, and shows it. */
export function useStart(pipeline: string, params?: RunDetail['given']) {
  const body = params === undefined ? null : { params };
  return useStartedRun(() => call('startRun', { params: { name: pipeline }, body }), `${pipeline} did not start`);
}
