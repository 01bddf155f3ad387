import type { FastifyInstance } from 'fastify';
import { type LoadedProject, routes } from '#api';
import { describeParams } from '#engine';
import { ServerError } from '../errors.ts';
import type { LoadedState } from '../options.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerProject(app: FastifyInstance, { project, contract, engine, reload }: RouteContext): void {
  const { name, title, environment, version, pipelines, schedules } = project;
  fulfil(app, routes.project, {
    handle: () => {
      const next = new Map(engine.nextRuns().map(({ pipeline, at }) => [pipeline, at.toISOString()]));
      return {
        name,
        title,
        environment,
        version,
        loaded: reload === undefined ? null : toLoaded(reload.state()),
        hasModel: contract !== undefined,
        pipelines: pipelines.map((pipeline) => ({
          name: pipeline.name,
          description: pipeline.description,
          takes: pipeline.params === undefined ? null : describeParams(pipeline.params),
          needsParams: pipeline.params?.safeParse({}).success === false,
          cron: schedules.find((schedule) => schedule.pipeline === pipeline.name)?.cron ?? 'off',
          nextRunAt: next.get(pipeline.name) ?? null,
        })),
      };
    },
  });
  fulfil(app, routes.reloadProject, {
    handle: async () => {
      if (reload !== undefined) return toLoaded(await reload.reload());
      throw new ServerError('request_invalid', 'This server is not of a project: there is nothing to reload.');
    },
  });
}

const toLoaded = ({ loadedAt, isWatching, problem }: LoadedState): LoadedProject => ({
  loadedAt: loadedAt.toISOString(),
  isWatching,
  problem: problem && { message: problem.message, at: problem.at.toISOString() },
});
