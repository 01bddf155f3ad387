import { parentPort, workerData } from 'node:worker_threads';
import { type BlockAnswer, type BlockOrder, buffersOf } from './block-messages.ts';
import { BlockReader } from './block-reader.ts';
import type { BlockPlan } from './sweep-plan.ts';

/** A thread that reads blocks one after the other, each from the beginning of a record. */
// What starts the thread gives it a plan.
const reader = new BlockReader(workerData as BlockPlan);

parentPort?.on('message', ({ id, bytes, length }: BlockOrder) => {
  const result = reader.read(Buffer.from(bytes, 0, length), { isLast: false, rest: undefined });
  const answer: BlockAnswer = { id, bytes, length, result };
  parentPort?.postMessage(answer, [bytes, ...buffersOf(result)]);
});
