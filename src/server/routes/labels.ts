import type { FastifyInstance } from 'fastify';
import { LABELS_MAX, type RowProblem, routes } from '#api';
import { labelReader, listLabels, storeLabels, toCountText, toRowId } from '#ml';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { compileAllButBody } from './unparsed-body.ts';

export function registerLabels(app: FastifyInstance, { database, contract, project, limits }: RouteContext): void {
  const model = project.name;
  const read = contract && labelReader(contract);
  fulfil(app, routes.sendLabels, {
    bodyLimit: limits.bodyBytes,
    validatorCompiler: compileAllButBody,
    handle: async ({ body, headers }) => {
      if (read === undefined) throw new ServerError('model_absent');
      const given: readonly unknown[] = Array.isArray(body) ? body : [body];
      assertCount(given.length);
      const { labels, problems } = read(given);
      assertNone(problems, limits.problemsListed);
      return storeLabels(database, { model, labels, source: headers['x-weir-source'] ?? 'api' });
    },
  });
  fulfil(app, routes.labels, {
    handle: async ({ query: { rowId, cursor, limit } }) => {
      if (contract === undefined) throw new ServerError('model_absent');
      const { items, nextCursor } = await listLabels(database, {
        ...{ model, limit },
        ...(rowId !== undefined && { rowId: toRowId(contract, rowId) }),
        ...(cursor !== undefined && { cursor }),
      });
      return { model, items: [...items], nextCursor };
    },
  });
}

function assertCount(count: number): void {
  if (count >= 1 && count <= LABELS_MAX) return;
  const got = count === 0 ? 'an empty list' : `${count} labels`;
  throw new ServerError(
    'labels_refused',
    `Expected 1 to ${LABELS_MAX} labels in one request; got ${got}. Nothing was stored.`,
  );
}

function assertNone(problems: readonly RowProblem[], listedMax: number): void {
  const [first] = problems;
  if (first === undefined) return;
  const listed = problems.length > listedMax ? `, of which the first ${listedMax} are listed` : '';
  throw new ServerError(
    'labels_refused',
    `Label ${first.row}, ${first.field === '' ? 'all of it' : first.field}: expected ${first.expected}; got ${first.got}. In all: ${toCountText(problems.length, 'problem')}${listed}. Nothing was stored; correct them and send all labels again.`,
    { problems: problems.slice(0, listedMax) },
  );
}
