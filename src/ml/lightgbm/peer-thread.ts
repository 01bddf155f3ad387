// The connections of a training with its peers, in a thread: the main thread of the child waits in calls of the library.
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import type { PeerAnswer, PeerData, PeerRequest } from './peer-messages.ts';

/** Length of a message. */
const HEAD_BYTES = 4;
/** A secret as hexadecimal digits, and the number of the one who connects. */
const HELLO_BYTES = 68;
const HELLO_MS = 10_000;

// The child starts it with exactly this.
const { port, signal, address } = workerData as PeerData;
const peers = new Map<number, Peer>();
let rank = 0;

/** Those who connected before this part knew of the others. */
const early: Socket[] = [];

const server = createServer();
server.on('connection', (socket) => early.push(socket));
server.listen({ host: address, port: 0 }, () => {
  const bound = server.address();
  answer({ kind: 'listening', port: bound !== null && typeof bound === 'object' ? bound.port : 0 });
});

port.on('message', (request: PeerRequest) => {
  const work = request.kind === 'meet' ? meet(request) : exchange(request.outgoing);
  work.catch((error: unknown) =>
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});

function answer(message: PeerAnswer): void {
  port.postMessage(message);
  const state = new Int32Array(signal);
  Atomics.add(state, 0, 1);
  Atomics.notify(state, 0);
}

/** A connection as the messages that come over it. */
class Peer {
  readonly #socket: Socket;
  readonly #rank: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isOver = false;
  #changed: () => void = () => {};

  constructor(socket: Socket, of: number) {
    this.#socket = socket;
    this.#rank = of;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, HELLO_MS);
    socket.on('data', (bytes: Buffer) => {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
      this.#changed();
    });
    const end = (): void => {
      this.#isOver = true;
      this.#changed();
    };
    socket.on('error', end).on('close', end);
  }

  send(bytes: Uint8Array): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(bytes.length);
    this.#socket.write(head);
    this.#socket.write(bytes);
  }

  async receive(): Promise<Buffer> {
    const head = await this.#take(HEAD_BYTES);
    return this.#take(head.readUInt32LE());
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#heldBytes < count) {
      if (this.#isOver) throw new Error(`Part ${this.#rank + 1} left the training.`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    const all = Buffer.concat(this.#held);
    this.#held = [all.subarray(count)];
    this.#heldBytes -= count;
    return all.subarray(0, count);
  }
}

/** Connects to those with a lower number, and waits for those with a higher one; nobody joins without the secret. */
async function meet({ machines, rank: own, secret, waitMs }: PeerRequest & { kind: 'meet' }): Promise<void> {
  rank = own;
  const late = setTimeout(() => {
    const missing = machines.length - 1 - peers.size;
    answer({ kind: 'failed', message: `${missing} of ${machines.length} parts did not connect within ${waitMs} ms.` });
  }, waitMs);
  const hello = Buffer.from(`${secret}${String(rank).padStart(4, '0')}`);
  const welcome = (socket: Socket): void => void greet(socket, secret).catch(() => socket.destroy());
  server.removeAllListeners('connection').on('connection', welcome);
  early.forEach(welcome);
  for (const [other, { host, port: at }] of machines.entries()) {
    if (other >= rank) break;
    const socket = connect({ host, port: at });
    await once(socket, 'connect');
    socket.write(hello);
    peers.set(other, new Peer(socket, other));
  }
  while (peers.size < machines.length - 1) await once(server, 'greeted');
  clearTimeout(late);
  server.close();
  answer({ kind: 'met' });
}

async function greet(socket: Socket, secret: string): Promise<void> {
  socket.setTimeout(HELLO_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  let bytes: Buffer | null = null;
  while (bytes === null) {
    bytes = socket.read(HELLO_BYTES);
    if (bytes === null) await once(socket, 'readable');
  }
  const said = Buffer.from(secret);
  const other = Number(bytes.subarray(said.length).toString('latin1'));
  if (!timingSafeEqual(bytes.subarray(0, said.length), said) || other <= rank || peers.has(other)) {
    socket.destroy();
    return;
  }
  socket.setTimeout(0);
  peers.set(other, new Peer(socket, other));
  server.emit('greeted');
}

/** Sends each peer its bytes and waits for those of each. */
async function exchange(outgoing: readonly Uint8Array[]): Promise<void> {
  for (const [other, peer] of peers) peer.send(outgoing[other] ?? new Uint8Array(0));
  const incoming: Uint8Array[] = [];
  for (const [other, peer] of peers) incoming[other] = await peer.receive();
  answer({ kind: 'exchanged', incoming });
}
