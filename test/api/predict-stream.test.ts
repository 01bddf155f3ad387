import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient, PredictStreamError, type StreamedRow } from '../../src/api/client/index.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { programFile } from '../programs/programs.ts';
import { addChampion, createWorld, parcel, type World } from '../server/world.ts';

const CLIENT_MEMORY_MB = 48;
const SERVER_MEMORY_MB = 128;

let world: World;
let url: string;
beforeAll(async () => {
  world = await createWorld();
  await addChampion(world);
  ({ url } = await world.server.listen({ port: 0 }));
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate predictions, prediction_requests'));

const rowsOf = (count: number): StreamedRow[] =>
  Array.from({ length: count }, (_, index) => ({ ...parcel, weight: (index % 400) / 10 }));
const stored = async (): Promise<number> =>
  (await world.database.query<{ count: number }>('select count(*)::int as count from predictions'))[0]?.count ?? 0;

/** Rows that go on for ever, and how many of them were taken. */
function endless(row: StreamedRow = parcel) {
  const source = {
    ...{ taken: 0, isClosed: false },
    *rows() {
      try {
        for (;;) {
          source.taken += 1;
          yield row;
        }
      } finally {
        source.isClosed = true;
      }
    },
  };
  return source;
}

async function errorOf(answers: AsyncIterable<unknown>): Promise<PredictStreamError> {
  try {
    for await (const _ of answers);
  } catch (error) {
    if (error instanceof PredictStreamError) return error;
    throw new Error('Expected a PredictStreamError.', { cause: error });
  }
  throw new Error('Expected an error; the stream ended.');
}

describe('a stream of predictions', () => {
  it('answers each row in its order, with its prediction or why it has none', async () => {
    const rows = [parcel, { ...parcel, weight: 99 }, { ...parcel, weight: 39 }];
    const answers = [];
    for await (const answer of createClient({ url }).predictStream(rows)) answers.push(answer);
    expect(answers).toMatchObject([
      { line: 1, prediction: 'kept' },
      { line: 2, problem: { code: 'rows_invalid', problems: [{ field: 'weight', got: '99' }] } },
      { line: 3, prediction: 'broken' },
    ]);
    expect(await stored()).toBe(2);
  });

  it('of no rows ends at once', async () => {
    for await (const answer of createClient({ url }).predictStream([])) expect(answer).toBeUndefined();
  });

  it('passes rows on as they come, and answers them before there are more', async () => {
    const waiting: (() => void)[] = [];
    const answers = createClient({ url }).predictStream(
      (async function* () {
        for (const row of rowsOf(3)) {
          yield row;
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      })(),
    );
    const lines: number[] = [];
    for await (const { line } of answers) {
      lines.push(line);
      waiting.shift()?.();
    }
    expect(lines).toEqual([1, 2, 3]);
  });

  it('takes query and headers: each key stores once', async () => {
    const options = { query: { version: 'champion' }, headers: { 'idempotency-key': 'march' } } as const;
    const idsOf = async (): Promise<unknown[]> => {
      const ids = [];
      for await (const answer of createClient({ url }).predictStream(rowsOf(700), options))
        ids.push('predictionId' in answer ? answer.predictionId : answer);
      return ids;
    };
    const first = await idsOf();
    expect(new Set(first).size).toBe(700);
    expect(await idsOf()).toEqual(first);
    expect(await stored()).toBe(700);
  });

  it('takes no more rows than are answered, but for what is on its way', async () => {
    // Of rows this long the buffers on the way hold few.
    const source = endless({ ...parcel, note: 'x'.repeat(100_000) });
    let answered = 0;
    for await (const _ of createClient({ url }).predictStream(source.rows())) {
      answered += 1;
      expect(source.taken - answered).toBeLessThan(1_000);
      if (answered === 2_000) break;
    }
    expect(source).toMatchObject({ isClosed: true });
  });

  it('of 200,000 rows needs little memory on both sides', async () => {
    const database = await createTestDatabase();
    const server = spawn(
      process.execPath,
      [`--max-old-space-size=${SERVER_MEMORY_MB}`, programFile('serve-parcels'), database.url],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const [line] = await once(server.stdout, 'data');
      const args = [`--max-old-space-size=${CLIENT_MEMORY_MB}`, programFile('stream-rows'), String(line).trim()];
      const { stdout } = await promisify(execFile)(process.execPath, [...args, '200000']);
      expect(JSON.parse(stdout)).toEqual({ taken: 200_000, predicted: 180_000, refused: 20_000, inOrder: true });
    } finally {
      server.kill();
      await once(server, 'exit');
      await database.close();
    }
  });
});

describe('a stream of predictions that ends early', () => {
  it('says how many rows were answered when its signal ends it', async () => {
    const stop = new AbortController();
    const source = endless();
    const answers = createClient({ url }).predictStream(source.rows(), { signal: stop.signal });
    let answered = 0;
    const counted = async function* () {
      for await (const answer of answers) {
        answered += 1;
        if (answered === 5) stop.abort(new Error('enough'));
        yield answer;
      }
    };
    const error = await errorOf(counted());
    expect(error).toMatchObject({ status: 0, answered, body: { code: 'aborted' }, cause: { message: 'enough' } });
    expect(error.message).toContain(`${answered} rows were answered`);
    expect(source.isClosed).toBe(true);
  });

  it('says why rows could not be read', async () => {
    const failure = new Error('the file is gone');
    const error = await errorOf(
      createClient({ url }).predictStream(
        (async function* () {
          yield* rowsOf(3);
          throw failure;
        })(),
      ),
    );
    expect(error).toMatchObject({ body: { code: 'rows-failed' }, cause: failure });
    expect(error.message).toContain('the file is gone');
  });

  it('says what the server refuses, before the first row and after', async () => {
    const refused = await errorOf(createClient({ url }).predictStream(rowsOf(3), { query: { version: 99 } }));
    expect(refused).toMatchObject({ status: 404, answered: 0, body: { code: 'model_unknown' } });
    const headers = { 'idempotency-key': 'april' };
    for await (const _ of createClient({ url }).predictStream(rowsOf(600), { headers }));
    const other = [...rowsOf(500), { ...parcel, weight: 3 }];
    const conflict = await errorOf(createClient({ url }).predictStream(other, { headers }));
    expect(conflict).toMatchObject({ status: 409, answered: 500, body: { code: 'request_conflict' } });
  });

  it('says that the connection ended', async () => {
    const cutting = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(
        '{"line":1,"problem":{"type":"a","title":"a","status":422,"detail":"a","instance":"a","code":"a"}}\n',
      );
      response.write('{"line":2', () => response.destroy());
    });
    await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
    // It listens on a port.
    const { port } = cutting.address() as AddressInfo;
    const error = await errorOf(createClient({ url: `http://127.0.0.1:${port}` }).predictStream(rowsOf(3)));
    expect(error).toMatchObject({ status: 0, answered: 1, body: { code: 'stream-cut' } });
    await new Promise((resolve) => cutting.close(resolve));
  });

  it('says that no answer began in time', async () => {
    const silent = createServer((request) => void request.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    // It listens on a port.
    const { port } = silent.address() as AddressInfo;
    const weir = createClient({ url: `http://127.0.0.1:${port}`, timeoutMs: 20 });
    expect(await errorOf(weir.predictStream(rowsOf(3)))).toMatchObject({ answered: 0, body: { code: 'unreachable' } });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
});
