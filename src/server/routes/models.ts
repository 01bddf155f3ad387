import type { FastifyInstance } from 'fastify';
import { type Promotion as PromotionAnswer, routes } from '#api';
import { type Alias, championOf, listModels, type Promotion, promote, rollBack } from '#ml';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerModels(app: FastifyInstance, context: RouteContext): void {
  const { database, project } = context;
  const state = async (inside: RouteContext['database']): Promise<unknown> => ({
    champion: (await championOf(inside, project.name))?.version ?? null,
  });
  fulfil(app, routes.models, { handle: () => listModels(database, project.name) });
  fulfil(app, routes.promoteVersion, {
    state,
    handle: ({ params, body, database: inside }) =>
      changeAlias({ project, database: inside }, { ...params, ...body, alias: 'champion' }),
  });
  fulfil(app, routes.challengeVersion, {
    handle: ({ params, body, database: inside }) =>
      changeAlias({ project, database: inside }, { ...params, ...body, alias: 'challenger' }),
  });
  fulfil(app, routes.rollBackModel, {
    state,
    handle: async ({ body: { by: actor, ...change }, database: inside }) =>
      toAnswer(await rollBack(inside, { ...change, actor, model: project.name, alias: 'champion' })),
  });
}

interface Change {
  readonly version: number;
  readonly alias: Alias;
  readonly by: string;
  readonly reason: string;
  readonly expectedPrevious?: number | null | undefined;
}

async function changeAlias(
  { database, project }: Pick<RouteContext, 'database' | 'project'>,
  { by: actor, ...change }: Change,
): Promise<PromotionAnswer> {
  const promoted = await promote(database, { ...change, actor, model: project.name });
  if (!promoted.isChanged) throw unchanged(promoted);
  return toAnswer(promoted);
}

function unchanged({ model, version, alias, at, actor, reason }: Promotion): ServerError {
  return new ServerError(
    'promotion_unchanged',
    `${model}@${version} has been ${alias} since ${at.toISOString()}, by ${actor}: ${reason}. Choose another version.`,
  );
}

function toAnswer({ alias, version, previous, actor, reason, at }: Promotion): PromotionAnswer {
  return { alias, version, previous, actor, reason, at: at.toISOString() };
}
