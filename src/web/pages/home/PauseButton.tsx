import { ActionIcon, Tooltip } from '@mantine/core';
import { IconClockPause, IconClockPlay } from '@tabler/icons-react';
import type { Schedule } from '#api';
import { usePermission } from '../../session.ts';

interface PauseButtonProps {
  readonly schedule: Schedule;
  /** Whether the form for the reason is open. */
  readonly isAsking: boolean;
  readonly onToggle: () => void;
}

/** Pauses or resumes the schedule of a pipeline, with a reason. */
export function PauseButton({ schedule: { pipeline, pause }, isAsking, onToggle }: PauseButtonProps) {
  const isPaused = pause !== null;
  const permission = usePermission('pauseSchedule');
  const label = isPaused ? `Resume the schedule of ${pipeline}` : `Pause the schedule of ${pipeline}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        variant="default"
        aria-label={label}
        aria-expanded={isAsking}
        onClick={onToggle}
        {...permission}
      >
        {isPaused ? <IconClockPlay size={16} /> : <IconClockPause size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}
