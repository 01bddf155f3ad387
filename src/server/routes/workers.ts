import type { FastifyInstance } from 'fastify';
import { routes, type Worker, type WorkerQueue } from '#api';
import { drainWorker, listWorkers, queueLengths, type WorkerRecord } from '#engine';
import type { Queryable } from '#store';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerWorkers(app: FastifyInstance, { database }: RouteContext): void {
  fulfil(app, routes.workers, {
    handle: async () => {
      const workers = await listWorkers(database);
      return { items: workers.map(toWorker), queues: await queuesOf(database, workers) };
    },
  });
  fulfil(app, routes.drainWorker, {
    state: async (inside, { params }) => {
      const found = await maybeWorker(inside, params.worker);
      return found && { worker: found.name, state: found.state };
    },
    handle: async ({ params, database: inside }) => {
      const isKnown = await drainWorker(inside, params.worker);
      const found = isKnown ? await maybeWorker(inside, params.worker) : undefined;
      if (found === undefined) throw await unknownWorker(inside, params.worker);
      return toWorker(found);
    },
  });
}

async function maybeWorker(database: Queryable, idOrName: string): Promise<WorkerRecord | undefined> {
  return (await listWorkers(database)).find(({ id, name }) => id === idOrName || name === idOrName);
}

const NAMED_MAX = 20;

async function unknownWorker(database: Queryable, given: string): Promise<ServerError> {
  const names = (await listWorkers(database)).map(({ name }) => name).slice(0, NAMED_MAX);
  return new ServerError(
    'worker_unknown',
    `Expected the name or the id of a worker (${names.join(', ') || 'there is none'}); got ${JSON.stringify(given)}.`,
  );
}

/** Every label that a worker serves or something waits for. */
async function queuesOf(database: Queryable, workers: readonly WorkerRecord[]): Promise<WorkerQueue[]> {
  const lengths = await queueLengths(database);
  const queues = new Map<string, WorkerQueue>();
  const queueOf = (label: string, runtime: string): WorkerQueue => {
    const key = JSON.stringify([label, runtime]);
    const known = queues.get(key) ?? { label, runtime, waiting: lengths === undefined ? null : 0, workers: 0 };
    queues.set(key, known);
    return known;
  };
  for (const { label, runtime, waiting } of lengths ?? []) queueOf(label, runtime).waiting = waiting;
  for (const { labels, runtime, state } of workers)
    for (const label of state === 'serving' ? labels : []) queueOf(label, runtime).workers += 1;
  return [...queues.values()].sort((one, other) => one.label.localeCompare(other.label, 'en'));
}

function toWorker({ startedAt, seenAt, drainingSince, labels, running, ...record }: WorkerRecord): Worker {
  return {
    ...record,
    labels: [...labels],
    running: [...running].sort((one, other) => one.since.localeCompare(other.since)),
    startedAt: startedAt.toISOString(),
    seenAt: seenAt.toISOString(),
    drainingSince: drainingSince?.toISOString() ?? null,
  };
}
