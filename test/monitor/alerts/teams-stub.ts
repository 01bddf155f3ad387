import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Finds what is wrong with a message, by the schema of a service restated here, and its bound in bytes. */
function faultsBy(schemaFile: string, bytesMax: number): (body: string) => readonly string[] {
  const schema: unknown = JSON.parse(readFileSync(new URL(schemaFile, import.meta.url), 'utf8'));
  // The file is an object, as every schema here is.
  const validate = new Ajv2020({ allErrors: true, strictTypes: false, formats: { 'date-time': true } }).compile(
    schema as object,
  );
  return (body) => {
    const faults = validate(JSON.parse(body))
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    const bytes = Buffer.byteLength(body);
    return bytes <= bytesMax ? faults : [...faults, `${bytes} bytes`];
  };
}

/** What is wrong with a body sent to a service: nothing when the list is empty. */
export const teamsFaults = faultsBy('teams-message.schema.json', 28_671);
export const slackFaults = faultsBy('slack-message.schema.json', 100_000);
export const pagerDutyFaults = faultsBy('pagerduty-event.schema.json', 512 * 1024);

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Cuts the connection instead of answering. */
  readonly hangUp?: boolean;
  /** Called when the request has come; nothing is answered. */
  readonly hang?: () => void;
}

export interface Stub {
  /** An address with a secret in it, as workflows have. */
  readonly url: string;
  readonly received: {
    readonly body: string;
    readonly contentType: string | undefined;
    readonly headers: IncomingMessage['headers'];
    readonly faults: readonly string[];
  }[];
  close(): Promise<void>;
}

/** A webhook on the loopback that answers as told: one answer after another, the last again and again. */
export async function startStub(...answers: readonly Answer[]): Promise<Stub> {
  const received: Stub['received'] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    received.push({
      ...{ body, headers: request.headers, contentType: request.headers['content-type'] },
      faults: teamsFaults(body),
    });
    const answer = answers[Math.min(received.length, answers.length) - 1] ?? { status: 202 };
    if (answer.hang) answer.hang();
    else if (answer.hangUp) request.socket.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/workflows/w1/triggers/manual/paths/invoke?sig=top-secret`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
