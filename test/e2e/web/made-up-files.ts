import type { WaitingFile } from '#api';
import { at } from './made-up-times.ts';

/** A file in raw-data; the first belongs to a run. */
export function makeWaitingFile(nowMs: number, number: number): WaitingFile {
  const runId = number === 1 ? 'run-1000' : null;
  return { file: `passengers-60${number}.csv`, sizeBytes: 4_200 * number, changedAt: at(nowMs, 3 - number), runId };
}
