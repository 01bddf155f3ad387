import { UsageError } from '../../../project/errors.ts';
import { openProject } from '../../../serve/open-project.ts';
import { serveWorker } from '../../../serve/serve-worker.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

export interface WorkerFlags extends ProjectFlags {
  readonly labels?: readonly string[];
  readonly slots?: number;
}

/** Serves task runs until Ctrl-C, SIGTERM, or until it is asked to drain. */
export async function runWorker(options: InProject<WorkerFlags>): Promise<number> {
  const { labels, slots, signal, print } = options;
  if (labels?.length === 0)
    throw new UsageError('usage_invalid', 'Expected names of labels after --labels, separated by commas; got none.');
  const opened = await openProject('worker', options);
  try {
    const worker = await serveWorker(opened, { labels, slots });
    const { name, labels: served, slots: room } = worker.identity;
    print(`Worker ${name} serves ${served.join(', ')} with ${room} slots. Ctrl-C ends it when its task runs have.\n`);
    await Promise.race([worker.asked, untilAborted(signal)]);
    print('Draining …\n');
    await worker.stop();
    return EXIT_CODES.done;
  } finally {
    await opened.stack.unwind();
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
