import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient, RequestError } from '../../src/api/client/index.ts';
import { delayMs } from '../../src/api/client/retries.ts';
import { addChampion, createWorld, parcel, type World } from '../server/world.ts';

let world: World;
let url: string;
beforeAll(async () => {
  world = await createWorld();
  await addChampion(world);
  ({ url } = await world.server.listen({ port: 0 }));
});
afterAll(() => world.close());

async function errorOf(promise: Promise<unknown>): Promise<RequestError> {
  const error = await promise.catch((caught: unknown) => caught);
  if (error instanceof RequestError) return error;
  throw new Error('Expected a RequestError.', { cause: error });
}

describe('the client of the API', () => {
  it('predicts, and reads what it predicted page by page', async () => {
    const weir = createClient({ url });
    const rows = [parcel, parcel, parcel];
    const { predictions } = await weir.call('predict', { body: rows });
    expect(predictions).toHaveLength(3);
    const ids: string[] = [];
    for await (const each of weir.list('pastPredictions', { query: { limit: 2 } })) ids.push(each.predictionId);
    expect(ids).toEqual(predictions.map(({ predictionId }) => predictionId).reverse());
  });

  it('says what the server refuses, with its code and its problems', async () => {
    const error = await errorOf(createClient({ url }).call('predict', { body: { ...parcel, weight: 'heavy' } }));
    expect(error).toMatchObject({ status: 422, body: { code: 'rows_invalid', type: 'urn:weir:error:rows_invalid' } });
    expect(error.body.problems).toMatchObject([{ row: 0, field: 'weight' }]);
    expect(error.body.instance).toMatch(/^urn:weir:request:/);
  });

  it('opens an answer that is no JSON', async () => {
    const response = await createClient({ url }).open('runEvents', {});
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await response.body?.cancel();
    const error = await errorOf(createClient({ url }).open('datasetRows', { params: { version: 99 } }));
    expect(error.body.code).toBe('dataset_unknown');
  });
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly key: unknown;
  readonly authorization: string | undefined;
}

/** A server that answers with these statuses in turn, and then with what was asked for. */
async function failing(
  answers: readonly { readonly status: number; readonly code?: string; readonly headers?: Record<string, string> }[],
) {
  const seen: Seen[] = [];
  const waited: number[] = [];
  const server: Server = createServer(({ method, url: at, headers }, response) => {
    const answer = answers[seen.length];
    seen.push({ method, url: at, key: headers['idempotency-key'], authorization: headers.authorization });
    if (answer === undefined) return response.end('{"modelVersion":"m@1","isStored":true,"predictions":[]}');
    const { status, code = 'internal' } = answer;
    const body = { type: '', title: '', status, detail: '', instance: '', code };
    return response.writeHead(status, answer.headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  // A TCP server that listens has an address of this form.
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const effects = {
    fetch,
    wait: async (ms: number, signal: AbortSignal) => {
      waited.push(ms);
      signal.throwIfAborted();
    },
    random: () => 1,
    now: () => 0,
  };
  return { seen, waited, client: createClient({ url: at, apiKey: 'weir_key' }, effects) };
}

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
const one = { body: {} };

describe('a call that fails', () => {
  it('is tried again with the same idempotency key, as late as the server says', async () => {
    const { client, seen, waited } = await failing([
      { status: 503, code: 'database_unreachable', headers: { 'retry-after': '7' } },
      { status: 502 },
      { status: 429, code: 'rate_limited' },
    ]);
    await client.call('predict', one);
    expect(waited).toEqual([7000, 400, 800]);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/v1/predict', authorization: 'Bearer weir_key' });
    expect(seen[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps the key that it was given', async () => {
    const { client, seen } = await failing([]);
    await client.call('predict', { ...one, headers: { 'idempotency-key': 'mine' } });
    expect(seen[0]?.key).toBe('mine');
  });

  it('ends after so many tries, with what was said last', async () => {
    const { client, seen } = await failing(Array.from({ length: 9 }, () => ({ status: 503, code: 'overloaded' })));
    expect((await errorOf(client.call('runs', {}))).body.code).toBe('overloaded');
    expect(seen).toHaveLength(4);
  });

  it('is not tried again when that could do something twice', async () => {
    const { client, seen } = await failing([{ status: 503, code: 'database_unreachable' }]);
    expect((await errorOf(client.call('cancelRun', { params: { id: '1' } }))).status).toBe(503);
    expect(seen).toHaveLength(1);
  });

  it('is tried again even then when nothing was begun', async () => {
    const { client, seen } = await failing([{ status: 503, code: 'server_closing' }, { status: 404 }]);
    expect((await errorOf(client.call('cancelRun', { params: { id: '1' } }))).status).toBe(404);
    expect(seen).toHaveLength(2);
  });

  it('ends with the signal of its caller', async () => {
    const { client } = await failing([]);
    const call = client.call('predict', { ...one, signal: AbortSignal.abort(new Error('enough')) });
    await expect(call).rejects.toThrow('enough');
  });

  it('says that nobody answers', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1', retries: 0 });
    expect(await errorOf(client.call('runs', {}))).toMatchObject({
      status: 0,
      body: { code: 'unreachable' },
    });
  });
});

describe('the time before another try', () => {
  const effects = { random: () => 0, now: () => Date.parse('2026-03-01T00:00:00Z') };

  it.each([
    [0, '3', 3000],
    [0, 'Sun, 01 Mar 2026 00:00:05 GMT', 5000],
    [0, 'Sun, 01 Mar 2026 00:00:00 GMT', 0],
    [0, 'soon', 100],
    [0, null, 100],
    [3, null, 800],
    [60, null, 5000],
  ])('after try %i with Retry-After %s is %i ms', (attempt, retryAfter, expected) => {
    expect(delayMs(attempt, retryAfter, effects)).toBe(expected);
  });
});
