import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { describeParams } from '#engine';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerProject(app: FastifyInstance, { project, contract, engine }: RouteContext): void {
  const { name, title, environment, version, pipelines, schedules } = project;
  fulfil(app, routes.project, {
    handle: () => {
      const next = new Map(engine.nextRuns().map(({ pipeline, at }) => [pipeline, at.toISOString()]));
      return {
        name,
        title,
        environment,
        version,
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
}
