import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { type OtlpReceiver, type ReceivedSpan, receiveOtlp } from '../app/serve/otlp-receiver.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { StartWorld } from './start-world.ts';
import { eventually, type WeirProcess } from './weir-process.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const SQL = 3;

let database: Database;
let receiver: OtlpReceiver;
let world: StartWorld;
let weir: WeirProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await receiveOtlp();
  world = await StartWorld.make();
  const off = Object.fromEntries(
    ['INGEST', 'PREDICT', 'LABELS', 'MONITOR'].map((name) => [`WEIR_SCHEDULES__${name}`, 'off']),
  );
  const env = { ...off, DATABASE_URL: database.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint };
  weir = await world.start({ env });
  const raw = path.join(world.project, 'raw-data');
  await mkdir(raw, { recursive: true });
  await writeFile(path.join(raw, 'plots.csv'), 'plot code,order,rain,irrigated,harvest\nPL-900,clay,12,true,poor\n');
  await ended(await start('ingest'));
});
afterAll(async () => {
  await weir?.stop();
  await receiver.close();
  await world.remove();
  await database.close();
});

async function start(pipeline: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await fetch(new URL(`/api/pipelines/${pipeline}/runs`, weir.url), {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' },
  });
  // As the API describes it.
  const { runId } = (await answer.json()) as { readonly runId: string };
  return runId;
}

const ended = (runId: string): Promise<string> =>
  eventually(`run ${runId}`, async () => {
    const [run] = await database.query<{ state: string }>(
      'select state from weir.runs where id = $1 and ended_at is not null',
      [runId],
    );
    return run?.state;
  });

const spans = (): readonly ReceivedSpan[] => receiver.spans.filter(({ traceId }) => traceId === TRACE);

/** A span, and each that it is a part of, outwards. */
function upwards(span: ReceivedSpan | undefined): readonly string[] {
  if (span === undefined) return [];
  return [span.name, ...upwards(spans().find(({ spanId }) => spanId === span.parentSpanId))];
}

describe('a trace', () => {
  it('goes from the request over run, task and prediction to its statements', async () => {
    const runId = await start('predict', { traceparent: `00-${TRACE}-${CLIENT_SPAN}-01` });
    expect(await ended(runId)).toBe('succeeded');
    const statement = await eventually('the spans', async () => {
      const predict = spans().find(({ name }) => name === 'predict');
      const below = spans().find(({ kind, parentSpanId }) => kind === SQL && parentSpanId === predict?.spanId);
      const isWhole = upwards(below).some((name) => name.startsWith('POST '));
      return predict !== undefined && isWhole ? below : undefined;
    });
    const [sql, ...outwards] = upwards(statement);
    expect(sql).toMatch(/^\w+ \w+/);
    expect(outwards).toEqual([
      ...['predict', 'execute in a child process', expect.stringMatching(/^task /), 'run predict'],
      'POST /api/pipelines/:name/runs',
    ]);
    expect(spans().find(({ name }) => name.startsWith('POST'))?.parentSpanId).toBe(CLIENT_SPAN);
    // What it was part of began no later and ended no sooner than the prediction.
    const predict = spans().find(({ name }) => name === 'predict');
    const child = spans().find(({ spanId }) => spanId === predict?.parentSpanId);
    expect(BigInt(child?.startTimeUnixNano ?? 0)).toBeLessThanOrEqual(BigInt(predict?.startTimeUnixNano ?? 0));
    expect(predict?.attributes).toContainEqual({ key: 'weir.rows', value: { intValue: 1 } });
    expect(receiver.problems).toEqual([]);
  });
});
