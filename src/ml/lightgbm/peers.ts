import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Meeting } from '../estimators/estimator.ts';
import type { PeerAnswer, PeerRequest } from './peer-messages.ts';

export interface Peers {
  readonly port: number;
  readonly rank: number;
  readonly count: number;
  meet(meeting: Meeting): void;
  /** Gives each peer its bytes and returns those of each; the own ones stay. Blocks. */
  exchange(outgoing: readonly Uint8Array[]): readonly Uint8Array[];
}

/**
 * The other parts of a training, over sockets of ours: LightGBM's own listen on every address of a machine and take whoever
 * connects. Calls block, because the library calls them from within its own.
 */
export function openPeers({ program, address }: { readonly program: string; readonly address: string }): Peers {
  const { port1: port, port2 } = new MessageChannel();
  const signal = new SharedArrayBuffer(4);
  const state = new Int32Array(signal);
  const thread = new Worker(program, {
    workerData: { port: port2, signal, address },
    transferList: [port2],
    execArgv: [],
  });
  thread.unref();
  const next = (): PeerAnswer => {
    for (;;) {
      const seen = Atomics.load(state, 0);
      const received: { message: PeerAnswer } | undefined = receiveMessageOnPort(port);
      if (received === undefined) Atomics.wait(state, 0, seen);
      else if (received.message.kind === 'failed') throw new Error(received.message.message);
      else return received.message;
    }
  };
  const ask = (request: PeerRequest): PeerAnswer => {
    port.postMessage(request);
    return next();
  };
  const first = next();
  let [rank, count] = [0, 0];
  return {
    port: first.kind === 'listening' ? first.port : 0,
    get rank() {
      return rank;
    },
    get count() {
      return count;
    },
    meet: (meeting) => {
      rank = meeting.rank;
      count = meeting.machines.length;
      ask({ kind: 'meet', ...meeting });
    },
    exchange: (outgoing) => {
      const given = ask({ kind: 'exchange', outgoing });
      const incoming = given.kind === 'exchanged' ? [...given.incoming] : [];
      incoming[rank] = outgoing[rank] ?? new Uint8Array(0);
      return incoming;
    },
  };
}
