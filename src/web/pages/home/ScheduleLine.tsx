import type { Schedule } from '#api';
import { TimeText } from '../../components/TimeText.tsx';

/** What happens to a tick while a run of its pipeline is in progress. */
const OVERLAP_WORDS = {
  skip: 'likely to be skipped: a run will be in progress',
  queue: 'likely to wait for the run before it',
  replace: 'likely to replace the run before it',
} as const satisfies Record<Schedule['overlap'], string>;

interface ScheduleLineProps {
  /** Undefined while loading, or when the pipeline has none. */
  readonly schedule: Schedule | undefined;
  readonly nextRunAt: string | null;
}

/** When the pipeline runs next, or who paused its schedule and why. */
export function ScheduleLine({ schedule, nextRunAt }: ScheduleLineProps) {
  if (schedule !== undefined && schedule.pause !== null) {
    const { at, by, reason } = schedule.pause;
    return (
      <div className="break">
        Paused <TimeText time={at} /> by {by}: {reason}
      </div>
    );
  }
  const next = schedule?.next[0];
  return (
    <div>
      Next <TimeText time={next?.at ?? nextRunAt} fallback="only when started" />
      {schedule === undefined || next === undefined || !next.isOverlapping ? null : (
        <>, {OVERLAP_WORDS[schedule.overlap]}</>
      )}
      {schedule === undefined || schedule.waiting === 0 ? null : <div>{waitingWords(schedule.waiting)}</div>}
    </div>
  );
}

const waitingWords = (count: number): string =>
  count === 1 ? 'One earlier run waits for its turn' : `${count} earlier runs wait for their turn`;
