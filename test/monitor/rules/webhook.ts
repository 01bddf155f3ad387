import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A webhook on the loopback that keeps the titles of the alerts it accepted, unless it is set dead. */
export async function startWebhook() {
  const titles: string[] = [];
  const webhook = { isDead: false, titles, url: '', close: async (): Promise<void> => {} };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      // A webhook is sent an alert as JSON.
      if (!webhook.isDead) titles.push((JSON.parse(body) as { title: string }).title);
      response.writeHead(webhook.isDead ? 503 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  webhook.url = `http://127.0.0.1:${port}/alerts`;
  webhook.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return webhook;
}
