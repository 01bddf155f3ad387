import { describe, expect, it } from 'vitest';
import { routes } from '#api';
import { call, RequestError, toUrl } from '../../src/web/client.ts';

const answering = (status: number, text: string) => ({ fetch: async () => new Response(text, { status }) });
const failing = { fetch: () => Promise.reject(new TypeError('fetch failed')) };

async function errorOf(promise: Promise<unknown>): Promise<RequestError> {
  const error = await promise.catch((caught: unknown) => caught);
  if (error instanceof RequestError) return error;
  throw new Error('Expected a RequestError', { cause: error });
}

describe('the client', () => {
  it('fills in parameters so that they stay one segment, and leaves out what is not set', () => {
    expect(toUrl(routes.run, { params: { id: '../a b' } })).toBe('/api/runs/..%2Fa%20b');
    expect(toUrl(routes.runs, { query: { pipeline: 'ingest', state: undefined, limit: 5 } })).toBe(
      '/api/runs?pipeline=ingest&limit=5',
    );
  });

  it('sends a body as JSON with the headers it was given', async () => {
    let sent: RequestInit | undefined;
    const answer = JSON.stringify({ modelVersion: 'm@1', isStored: true, predictions: [] });
    await call(
      'predict',
      { query: {}, headers: { 'x-weir-source': 'webapp' }, body: [{ age: 1 }] },
      {
        fetch: async (_, init) => {
          sent = init;
          return new Response(answer);
        },
      },
    );
    expect(sent).toMatchObject({ method: 'POST', body: '[{"age":1}]' });
    expect(new Headers(sent?.headers).get('x-weir-source')).toBe('webapp');
  });

  it('passes on what the server says is wrong', async () => {
    const body = {
      type: 'urn:weir:error:rows_invalid',
      title: 'Rows violate the contract.',
      status: 422,
      detail: 'Expected other rows.',
      instance: 'urn:weir:request:7',
      code: 'rows_invalid',
      problems: [{ row: 0, field: 'age', expected: 'a number', got: 'x' }],
    };
    const error = await errorOf(call('health', {}, answering(422, JSON.stringify(body))));
    expect(error.status).toBe(422);
    expect(error.body).toEqual(body);
  });

  it('explains an answer that is no JSON, one of another shape, and none at all', async () => {
    expect((await errorOf(call('health', {}, answering(502, '<html>')))).body.code).toBe('http-502');
    expect((await errorOf(call('health', {}, answering(200, '{"status":"fine"}')))).body.code).toBe(
      'unexpected-answer',
    );
    expect((await errorOf(call('health', {}, failing))).body.code).toBe('unreachable');
  });
});
