import { readFileSync } from 'node:fs';
import {
  connect as connectHttp2,
  constants,
  createSecureServer,
  type Http2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { LocalProxy } from '../bytes-proxy.ts';

const fixture = (name: string): Buffer => readFileSync(`test/fixtures/smtp/${name}`);

/** Takes TLS with the certificate of the fixtures, and answers no request without the token, as a gateway does. */
export async function openTlsProxy(port: number, token: string): Promise<LocalProxy> {
  let opened = 0;
  const sessions = new Set<Http2Session>();
  const server = createSecureServer({ cert: fixture('certificate.pem'), key: fixture('key.pem') });
  server.on('session', (session) => {
    opened++;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  const upstream = connectHttp2(`http://127.0.0.1:${port}`);
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    if (headers.authorization !== `Bearer ${token}`) {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' }, { endStream: true });
      return;
    }
    const { [constants.HTTP2_HEADER_AUTHORITY]: _, ':scheme': __, ...passed } = headers;
    const asked = upstream.request(passed);
    stream.on('close', () => asked.close());
    asked.on('error', () => {});
    asked.on('response', ({ ...answer }) => stream.respond(answer, { waitForTrailers: true }));
    asked.on('trailers', ({ ...trailers }) => stream.on('wantTrailers', () => stream.sendTrailers(trailers)));
    stream.pipe(asked).pipe(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const session of sessions) session.destroy();
  };
  const close = (): void => {
    server.close();
    upstream.close();
    cut();
  };
  return { port: (server.address() as AddressInfo).port, connections: () => opened, cut, close };
}
