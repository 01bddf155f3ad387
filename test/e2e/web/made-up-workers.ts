import { routes, type Worker, type WorkerQueue } from '#api';
import { at } from './made-up-times.ts';

export interface MadeUpWorkers {
  readonly items: Worker[];
  readonly queues: WorkerQueue[];
}

/** Two that serve, one that drains, one that was killed; and a label that nobody serves. */
export function makeWorkers(nowMs: number): MadeUpWorkers {
  const usual = {
    ...{ version: '0.1.0', runtime: 'linux-x64-7d1c', labels: ['default'], slots: 4, ended: 1_284, running: [] },
    ...{ startedAt: at(nowMs, 190), seenAt: at(nowMs, 0), drainingSince: null, state: 'serving' },
  };
  const running = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ task: index % 2 === 0 ? 'validate-data' : 'make-predictions', runId: `run-${1000 - index}` },
      ...{ goals: index === 1 ? 250 : 1, since: at(nowMs, 3 - index / 2) },
    }));
  const items = [
    { ...usual, id: 'worker-1', name: 'render-1:4711', running: running(3) },
    { ...usual, id: 'worker-2', name: 'render-2:212', labels: ['default', 'large'], slots: 8, running: running(6) },
    {
      ...{ ...usual, id: 'worker-3', name: 'render-3:98', running: running(1) },
      ...{ state: 'draining', drainingSince: at(nowMs, 2) },
    },
    { ...usual, id: 'worker-4', name: 'render-4:5120', slots: 32, state: 'silent', seenAt: at(nowMs, 6), ended: 0 },
  ];
  const queues = [
    { label: 'default', runtime: usual.runtime, waiting: 1_204, workers: 2 },
    { label: 'gpu', runtime: usual.runtime, waiting: 7, workers: 0 },
    { label: 'large', runtime: usual.runtime, waiting: 0, workers: 1 },
  ];
  return routes.workers.answer.parse({ items, queues });
}
