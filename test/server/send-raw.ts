import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends bytes as they are, which `inject` does not: it resolves dots in an address and fills in headers. Reads until the
 * server ends the connection. The client does not end its own side: a server drops what it has not answered by then.
 */
export async function sendRaw(port: number, request: string, host = '127.0.0.1'): Promise<RawAnswer> {
  const socket: Socket = connect(port, host);
  socket.write(request);
  const [head = '', ...body] = (await text(socket)).split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => [line.split(': ')[0]?.toLowerCase() ?? '', line.split(': ')[1] ?? '']);
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: body.join('\r\n\r\n') };
}
