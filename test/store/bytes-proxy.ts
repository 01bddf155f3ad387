import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Something between a client and a server, on loopback. */
export interface LocalProxy {
  readonly port: number;
  /** How many connections clients opened. */
  connections(): number;
  /** Breaks all connections, as a network does. */
  cut(): void;
  close(): void;
}

export interface BytesProxy extends LocalProxy {
  /** Passes nothing on and takes no new connection, and tells nobody: as a cable that was cut. */
  stall(): void;
}

/** Passes on bytes. */
export async function openBytesProxy(port: number): Promise<BytesProxy> {
  const sockets = new Set<Socket>();
  let opened = 0;
  const server = createServer((inbound) => {
    opened++;
    const outbound = connect(port, '127.0.0.1');
    for (const socket of [inbound, outbound]) {
      sockets.add(socket);
      // A broken connection is what is asked for.
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    inbound.pipe(outbound).pipe(inbound);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const stall = (): void => {
    server.close();
    for (const socket of sockets) socket.unpipe().pause();
  };
  const close = (): void => {
    server.close();
    cut();
  };
  return { port: (server.address() as AddressInfo).port, connections: () => opened, cut, stall, close };
}
