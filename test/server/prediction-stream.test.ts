import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { predictLineAnswer, routes } from '#api';
import { addChampion, createWorld, parcel, type World } from './world.ts';

let world: World;
let url: string;
let champion: number;

beforeAll(async () => {
  world = await createWorld({ limits: { streamLineBytes: 2000, streamIdleMs: 2000, explainedRows: 2 } });
  champion = await addChampion(world);
  ({ url } = await world.server.listen({ port: 0 }));
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate predictions, prediction_requests'));

// Every line is read by its own shape, as `#api` promises it.
// biome-ignore lint/suspicious/noExplicitAny: a line is a prediction, a problem or the end
type AnsweredLine = any;

interface Streaming {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends blocks as the body of a stream, and reads the lines of its answer meanwhile. */
async function stream(
  blocks: AsyncIterable<string> | Iterable<string>,
  { query = '', headers }: Streaming = {},
): Promise<{ readonly status: number; readonly lines: readonly AnsweredLine[] }> {
  const body = new ReadableStream({
    async start(controller) {
      for await (const block of blocks) controller.enqueue(new TextEncoder().encode(block));
      controller.close();
    },
  });
  const answer = await fetch(`${url}${routes.predict.path}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body,
    // Node needs it for a body that is a stream; the type of RequestInit lacks it.
    ...{ duplex: 'half' },
  });
  const text = await answer.text();
  if (answer.status !== 200) return { status: answer.status, lines: [JSON.parse(text)] };
  const lines = text
    .trim()
    .split('\n')
    .map((line): AnsweredLine => predictLineAnswer.parse(JSON.parse(line)));
  return { status: answer.status, lines };
}

const rowOf = (weight: number): string => `${JSON.stringify({ ...parcel, weight })}\n`;
const rowsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => rowOf((index % 400) / 10));
const stored = async (): Promise<readonly string[]> =>
  (await world.database.query<{ id: string }>('select id::text from predictions order by id')).map(({ id }) => id);

describe('a stream of rows', () => {
  it('is answered line by line, in order, with a last line that counts them', async () => {
    const { lines } = await stream([rowOf(1), rowOf(2) + rowOf(39).trimEnd()]);
    expect(lines).toMatchObject([
      { line: 1, features: { weight: 1 }, prediction: 'kept', modelVersion: `parcels@${champion}` },
      { line: 2, features: { weight: 2 } },
      { line: 3, features: { weight: 39 }, prediction: 'broken' },
      { end: { isComplete: true, predicted: 3, refused: 0 } },
    ]);
    expect(await stored()).toEqual(lines.slice(0, 3).map(({ predictionId }) => predictionId));
  });

  it('goes on after rows and lines that cannot be predicted, which are answered in their place', async () => {
    const { lines } = await stream([
      ...[rowOf(1), '{"weight":', '\n\n', rowOf(99), `[${rowOf(1).trim()}]\n`, rowOf(3)],
      ...[`"${'x'.repeat(3000)}"\n`, '{"__proto__":1}\n', rowOf(4)],
    ]);
    expect(lines).toMatchObject([
      { line: 1, prediction: 'kept' },
      { line: 2, problem: { code: 'json_invalid' } },
      { line: 4, problem: { code: 'rows_invalid', problems: [{ row: 0, field: 'weight', got: '99' }] } },
      { line: 5, problem: { code: 'rows_invalid' } },
      { line: 6, prediction: 'kept' },
      { line: 7, problem: { code: 'body_too_large' } },
      { line: 8, problem: { code: 'json_invalid' } },
      { line: 9, prediction: 'kept' },
      { end: { isComplete: true, predicted: 3, refused: 5 } },
    ]);
    expect(await stored()).toHaveLength(3);
  });

  it('of no rows has only the last line', async () => {
    expect((await stream([])).lines).toEqual([{ end: { isComplete: true, predicted: 0, refused: 0 } }]);
  });

  it('may be explained, and may store nothing', async () => {
    const { lines } = await stream(rowsOf(5), { query: '?explain=true&store=false' });
    expect(lines).toHaveLength(6);
    for (const line of lines.slice(0, 5)) {
      expect(line.explanation.contributions).toHaveProperty('weight');
      expect(line).not.toHaveProperty('predictionId');
    }
    expect(await stored()).toEqual([]);
  });

  it('answers what has arrived before more is sent', async () => {
    const request = httpRequest(`${url}${routes.predict.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    request.write(rowOf(1));
    const seen: number[] = [];
    await new Promise<void>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          for (const line of text.trim().split('\n')) seen.push(JSON.parse(line).line ?? 0);
          if (seen.length < 3) request.write(rowOf(2));
          else request.end();
        });
        response.on('end', resolve);
      });
    });
    expect(seen).toEqual([1, 2, 3, 0]);
  });

  it('of many thousand rows is answered whole, with each row once', async () => {
    const count = 200_000;
    const blocks = rowsOf(1000);
    const { lines } = await stream(
      (function* () {
        for (let sent = 0; sent < count; sent += blocks.length) yield blocks.join('');
      })(),
      { query: '?store=false' },
    );
    expect(lines).toHaveLength(count + 1);
    expect(lines.every(({ line }, index) => index === count || line === index + 1)).toBe(true);
    expect(lines.at(-1)).toEqual({ end: { isComplete: true, predicted: count, refused: 0 } });
  });

  it('ends with a line that says so when nothing more arrives', async () => {
    let end: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { lines } = await stream(
      (async function* () {
        yield rowOf(1);
        await waiting;
      })(),
    ).finally(end);
    expect(lines).toMatchObject([
      { line: 1 },
      { end: { isComplete: false, predicted: 1, problem: { code: 'request_timeout' } } },
    ]);
  });

  it('of an unknown version is refused before it begins', async () => {
    const { status, lines } = await stream([rowOf(1)], { query: '?version=77' });
    expect({ status, code: lines[0].code }).toEqual({ status: 404, code: 'model_unknown' });
  });
});

describe('a stream with an idempotency key', () => {
  const headers = { 'idempotency-key': 'night' };

  it('is stored once, and answered again as before', async () => {
    const blocks = rowsOf(1203);
    const { lines } = await stream(blocks, { headers });
    expect((await stream([blocks.join('')], { headers })).lines).toEqual(lines);
    expect(await stored()).toHaveLength(1203);
  });

  it('ends early where it has other rows than before', async () => {
    await stream(rowsOf(700), { headers });
    const { lines } = await stream([...rowsOf(600), rowOf(1.5)], { headers });
    expect(lines).toHaveLength(501);
    expect(lines.at(-1)).toMatchObject({ end: { isComplete: false, problem: { code: 'request_conflict' } } });
    expect(await stored()).toHaveLength(700);
  });
});

describe('a client that goes away in the middle of a stream', () => {
  it('has what it was answered stored, and stores nothing twice when it sends all again', async () => {
    const headers = { 'idempotency-key': 'cut' };
    const blocks = rowsOf(2600);
    const answered = await new Promise<number>((resolve) => {
      const request = httpRequest(`${url}${routes.predict.path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', ...headers },
      });
      request.on('error', () => undefined);
      request.on('response', (response) => {
        response.on('error', () => undefined);
        response.setEncoding('utf8').once('data', (text: string) => {
          request.destroy();
          resolve(text.split('\n').length - 1);
        });
      });
      request.write(blocks.slice(0, 1700).join(''));
    });
    expect(answered).toBeGreaterThan(0);
    expect((await stored()).length).toBeGreaterThanOrEqual(answered);
    const { lines } = await stream(blocks, { headers });
    expect(lines.at(-1)).toEqual({ end: { isComplete: true, predicted: 2600, refused: 0 } });
    expect(new Set(lines.slice(0, -1).map(({ predictionId }) => predictionId)).size).toBe(2600);
    expect(await stored()).toHaveLength(2600);
  });
});
