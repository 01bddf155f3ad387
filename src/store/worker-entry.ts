import { type ResourceLimits, Worker } from 'node:worker_threads';
import { programFile } from './program-file.ts';

/** Starts a thread with a program that lies beside the module at `address` (its `import.meta.url`). */
export function workerEntry(
  name: string,
  {
    address,
    data,
    resourceLimits = {},
  }: { readonly address: string; readonly data: unknown; readonly resourceLimits?: ResourceLimits },
): Worker {
  // Options of Node that were given to this process, such as a loader of TypeScript, are not for the thread.
  return new Worker(programFile(name, address), { workerData: data, execArgv: [], resourceLimits });
}
