import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { outgoingFetch, privateHostsOf } from '#store';
import type { LineageTransport } from './send.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const ENDPOINT = 'api/v1/lineage';

export interface HttpLineageOptions {
  /** Address of the receiver; `api/v1/lineage` is added, as clients of OpenLineage do. */
  readonly url: string;
  /** Sent as a bearer token; empty for none. */
  readonly apiKey: string;
  /** Hosts, separated by commas, that may have a private address. */
  readonly privateHosts: string;
}

/** Posts each event to a receiver of OpenLineage. */
export function httpLineage({ url, apiKey, privateHosts }: HttpLineageOptions): LineageTransport {
  const address = new URL(ENDPOINT, url.endsWith('/') ? url : `${url}/`);
  const send = outgoingFetch({
    privateHosts: privateHostsOf(privateHosts, address),
    answerBytesMax: ANSWER_BYTES_MAX,
    timeoutMs: TIMEOUT_MS,
  });
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  return {
    name: address.host,
    send: async (event, signal) => {
      const answer = await send(address, { method: 'POST', headers, body: JSON.stringify(event), signal });
      if (!answer.ok) throw new Error(`${address.host} answered HTTP ${answer.status}.`);
    },
  };
}

/** Appends each event to a file, one a line. */
export function fileLineage(file: string): LineageTransport {
  return {
    name: file,
    send: async (event) => {
      await mkdir(path.dirname(file), { recursive: true });
      await appendFile(file, `${JSON.stringify(event)}\n`);
    },
  };
}
