import { describeSchedules, pauseSchedule, resumeSchedule } from '#engine';
import type { Database } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import { schedulesOf } from '../../../serve/wire.ts';
import type { InProject } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';

interface ScheduleChange extends InProject<ChangeFlags> {
  readonly action: 'pause' | 'resume';
}

const CHANGES = {
  pause: { recordedAs: 'pauseSchedule', change: pauseSchedule },
  resume: { recordedAs: 'resumeSchedule', change: resumeSchedule },
} as const;

/** Pauses or resumes the schedule of a pipeline. Exit code 1 when it was so already. */
export async function changeSchedule(pipeline: string, options: ScheduleChange): Promise<number> {
  const { action, by, reason, json, print } = options;
  const isChanged = await withProject('project', options, async ({ wiring: { config, pipelines, database } }) => {
    const schedules = schedulesOf(config, pipelines);
    const names = schedules.map((schedule) => schedule.pipeline);
    if (!names.includes(pipeline))
      throw new UsageError(
        'schedule_unknown',
        `Expected a pipeline that runs on a schedule (${names.join(', ') || 'there is none'}); got ${pipeline}.`,
      );
    const { recordedAs, change } = CHANGES[action];
    const state = async (inside: Database): Promise<unknown> => {
      const own = schedules.filter((schedule) => schedule.pipeline === pipeline);
      return { pause: (await describeSchedules(inside, { schedules: own }))[0]?.pause ?? null };
    };
    return onRecord(
      database,
      { action: recordedAs, target: `pipeline=${pipeline}`, by, reason, state, isChange: (isDone: boolean) => isDone },
      (inside) => change(inside, { pipeline, by: actorOf(by), reason }),
    );
  });
  const now = action === 'pause' ? 'paused' : 'running on schedule';
  print(
    json
      ? `${JSON.stringify({ pipeline, action, isChanged })}\n`
      : `${pipeline} is ${isChanged ? '' : 'already '}${now}\n`,
  );
  return isChanged ? EXIT_CODES.done : EXIT_CODES.failed;
}
