import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { listModels } from '#ml';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerModels(app: FastifyInstance, { database, project }: RouteContext): void {
  fulfil(app, routes.models, { handle: () => listModels(database, project.name) });
}
