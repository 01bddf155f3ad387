import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import { getDataset, listDatasets } from '#ml';
import { ServerError } from '../errors.ts';
import { isKnown } from '../plugins/entity-tags.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerDatasets(app: FastifyInstance, { database, artifacts, project }: RouteContext): void {
  const model = project.name;
  fulfil(app, routes.datasets, {
    handle: async ({ query }) => {
      const found = await listDatasets(database, { model, limit: query.limit });
      return {
        model,
        versions: found.map(({ model: _, contract: __, ...version }) => ({
          ...version,
          parts: [...version.parts],
          trained: [...version.trained],
        })),
      };
    },
  });
  fulfil(app, routes.datasetRows, {
    handle: async ({ params: { version }, request, reply }) => {
      const { digest } = await getDataset(database, { model, version });
      if ((await artifacts.stat(digest)) === undefined)
        throw new ServerError(
          'dataset_missing',
          `The rows of dataset ${version} are no longer stored. Start the train pipeline to collect a new version.`,
        );
      if (isKnown(request, reply, digest)) return reply.send();
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${model}-dataset-${version}.csv"`)
        .send(await artifacts.read(digest));
    },
  });
}
