import type { Socket } from 'node:net';

const streaming = new WeakSet<Socket>();

/** Says that the body of the request on this connection may take as long as it likes: its route has limits of its own. */
export function markStreaming(socket: Socket): void {
  streaming.add(socket);
}

/** Takes that back, before the next request on the connection. */
export function unmarkStreaming(socket: Socket): void {
  streaming.delete(socket);
}

/** Whether an error of a connection says only that the body of such a request takes long. */
export function isLongStream({ code }: Error & { readonly code?: string }, socket: Socket): boolean {
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' && streaming.has(socket);
}
