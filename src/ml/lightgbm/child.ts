// Trains in a process of its own: calls of the library block, and what goes wrong in it ends the process.
import { once } from 'node:events';
import { writeFileSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Meeting } from '../estimators/estimator.ts';
import { type Lightgbm, openLightgbm } from './c-api.ts';
import type { TrainMessage, TrainRequest } from './messages.ts';
import { openPeers } from './peers.ts';
import { trainRequest } from './train-request.ts';

/** Which process a machine without memory ends first; other systems choose by themselves. */
const OUT_OF_MEMORY_SCORE = '500';
const STDERR = 2;

// A parent that was killed cannot say so; an exit would wait for the threads of the library.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.once('message', (message) => {
  // Only the parent is at the other end of the channel.
  void serve(message as TrainRequest);
});

async function serve(request: TrainRequest): Promise<void> {
  if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', OUT_OF_MEMORY_SCORE);
  let step: 'load' | 'meet' | 'train' = 'load';
  try {
    const lightgbm = await openLightgbm(request.library);
    step = 'meet';
    await meetOthers(lightgbm, request);
    step = 'train';
    send(await trainRequest(lightgbm, request, tell));
  } catch (error) {
    send({ kind: 'failed', step, message: messageOf(error) });
  }
}

/** Says where it listens, learns where the others are, and connects to them. */
async function meetOthers(lightgbm: Lightgbm, { network }: TrainRequest): Promise<void> {
  if (network === undefined) return;
  const peers = openPeers(network);
  send({ kind: 'listening', port: peers.port });
  const [meeting] = await once(process, 'message');
  // The parent answers with nothing else.
  peers.meet(meeting as Meeting);
  lightgbm.joinNetwork(peers, endOfNetwork);
}

/** A part that left ends the training of all: the library waits for it, and has no way to give up. */
function endOfNetwork(error: unknown): never {
  writeSync(STDERR, `${messageOf(error)}\n`);
  process.kill(process.pid, 'SIGTERM');
  throw error;
}

/** With a turn of the event loop, in which the process learns that its parent is gone. */
async function tell(message: TrainMessage): Promise<void> {
  send(message);
  await setImmediate();
}

function send(message: TrainMessage): void {
  // The channel closes when the parent ends; the disconnect event above handles that.
  process.send?.(message, undefined, undefined, () => {});
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
