import { once } from 'node:events';
import net from 'node:net';

/** Clients of a server, each on a connection of its own that sends its next request once the last one is answered. */
export interface LoadOptions {
  readonly port: number;
  readonly clients: number;
  readonly seconds: number;
  /** Whole requests, as bytes of HTTP; the n-th one sent is `request(n)`. */
  readonly request: (n: number) => Buffer;
  /** Requests in a second by all clients together; as many as they can unless set. */
  readonly rate?: number;
}

export interface Load {
  readonly answered: number;
  readonly seconds: number;
  /** From the first byte sent to the last one received. */
  readonly latencySeconds: readonly number[];
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Answers other than 200 end it: what is measured has to work. */
export async function load({ port, clients, seconds, request, rate }: LoadOptions): Promise<Load> {
  const latencySeconds: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  let sent = 0;
  const live = async (): Promise<void> => {
    const connection = await connect(port);
    try {
      while (performance.now() < end) {
        const number = sent;
        sent += 1;
        if (rate !== undefined) await until(started + (number / rate) * 1000);
        const before = performance.now();
        await connection.ask(request(number));
        latencySeconds.push((performance.now() - before) / 1000);
      }
    } finally {
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: clients }, live));
  return { answered: latencySeconds.length, seconds: (performance.now() - started) / 1000, latencySeconds };
}

/** A request with a JSON body, as bytes. */
export function jsonRequest(port: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Buffer {
  const bytes = Buffer.from(JSON.stringify(body));
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST /api/predict HTTP/1.1\r\n${lines.join('')}\r\n`), bytes]);
}

interface Connection {
  ask(request: Buffer): Promise<void>;
  close(): void;
}

/** A client that does little, so that what is measured is the server. */
async function connect(port: number): Promise<Connection> {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  let waiting: { resolve(): void; reject(error: Error): void } | undefined;
  let received: Buffer = Buffer.alloc(0);
  const fail = (error: Error): void => waiting?.reject(error);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The server closed the connection.')));
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const size = maybeAnswerBytes(received);
    if (size === undefined || received.length < size) return;
    const head = received.toString('latin1', 0, 12);
    if (head === 'HTTP/1.1 200') waiting?.resolve();
    else fail(new Error(`Expected 200; got ${received.toString('utf8', 0, 600)}`));
    received = received.subarray(size);
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** Of head and body, once the head is there. */
function maybeAnswerBytes(received: Buffer): number | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const length = /content-length: (\d+)/i.exec(received.toString('latin1', 0, headEnd))?.[1];
  if (length === undefined) throw new Error('Expected an answer with a content-length.');
  return headEnd + HEAD_END.length + Number(length);
}

async function until(moment: number): Promise<void> {
  const wait = moment - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
}
