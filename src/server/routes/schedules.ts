import type { FastifyInstance } from 'fastify';
import { routes, type Schedule } from '#api';
import { describeSchedules, pauseSchedule, resumeSchedule, type ScheduleRecord } from '#engine';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

const CHANGES = { pause: pauseSchedule, resume: resumeSchedule };

export function registerSchedules(app: FastifyInstance, context: RouteContext): void {
  const { database, project } = context;
  fulfil(app, routes.schedules, {
    handle: async () => ({
      items: (await describeSchedules(database, { schedules: project.schedules })).map(toSchedule),
    }),
  });
  fulfil(app, routes.pauseSchedule, {
    state: (inside, { params }) => pauseOf(inside, { project, ...params }),
    handle: ({ params, body, database: inside }) =>
      change({ project, database: inside }, { ...params, ...body, action: 'pause' }),
  });
  fulfil(app, routes.resumeSchedule, {
    state: (inside, { params }) => pauseOf(inside, { project, ...params }),
    handle: ({ params, body, database: inside }) =>
      change({ project, database: inside }, { ...params, ...body, action: 'resume' }),
  });
}

interface Change {
  readonly pipeline: string;
  readonly action: keyof typeof CHANGES;
  readonly by: string;
  readonly reason: string;
}

type Where = Pick<RouteContext, 'database' | 'project'>;

/** What the audit log keeps of a schedule. */
async function pauseOf(
  database: Where['database'],
  { project, pipeline }: Pick<Where, 'project'> & { readonly pipeline: string },
): Promise<unknown> {
  const schedules = project.schedules.filter((schedule) => schedule.pipeline === pipeline);
  const [described] = await describeSchedules(database, { schedules });
  return described && { pause: described.pause };
}

async function change({ database, project }: Where, { action, ...request }: Change): Promise<Schedule> {
  const schedules = project.schedules.filter(({ pipeline, cron }) => pipeline === request.pipeline && cron !== 'off');
  if (schedules.length === 0) throw unknownSchedule(project.schedules, request.pipeline);
  const isChanged = await CHANGES[action](database, request);
  const [described] = await describeSchedules(database, { schedules });
  if (described === undefined) throw unknownSchedule(project.schedules, request.pipeline);
  if (!isChanged) throw unchanged(described);
  return toSchedule(described);
}

function unknownSchedule(schedules: RouteContext['project']['schedules'], pipeline: string): ServerError {
  const names = schedules.map((schedule) => schedule.pipeline).join(', ');
  return new ServerError(
    'schedule_unknown',
    `Expected a pipeline that runs on a schedule (${names || 'there is none'}); got ${JSON.stringify(pipeline)}.`,
  );
}

function unchanged({ pipeline, pause }: ScheduleRecord): ServerError {
  const message =
    pause === null
      ? `The schedule of ${pipeline} is not paused, so there is nothing to resume.`
      : `The schedule of ${pipeline} has been paused since ${pause.at.toISOString()} by ${pause.by}: ${pause.reason}. Resume it first to give another reason.`;
  return new ServerError('schedule_unchanged', message);
}

function toSchedule({ catchUp, pause, dropped, next, ...record }: ScheduleRecord): Schedule {
  return {
    ...record,
    catchUp: typeof catchUp === 'object' ? { ...catchUp } : catchUp,
    pause: pause && { ...pause, at: pause.at.toISOString() },
    dropped: dropped && { ...dropped, tick: dropped.tick.toISOString() },
    next: next.map(({ at, interval, isOverlapping }) => ({
      at: at.toISOString(),
      interval: { from: interval.from.toISOString(), to: interval.to.toISOString() },
      isOverlapping,
    })),
  };
}
