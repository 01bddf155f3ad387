import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { type Serving, serve } from '../../../src/app/serve/serve.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { type OtlpReceiver, type ReceivedSpan, receiveOtlp } from './otlp-receiver.ts';

const PROJECT = `import { definePipeline, defineProject } from 'weir';
import { double } from './tasks.ts';
export default defineProject({
  name: 'plain', title: 'Plain', tasks: ['tasks.ts'],
  pipelines: [definePipeline({ name: 'doubling', description: 'Doubles', goals: () => [double.goal({ n: 21 })] })],
});
`;
const TASKS = `import { defineTask, value, z } from 'weir';
export const double = defineTask({
  name: 'double', params: z.object({ n: z.number() }), outputs: { n: value<number>() },
  run: async ({ params }) => ({ n: 2 * params.n }),
});
`;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
/** Only ends a broken test. */
const PATIENCE = { timeout: 120_000, interval: 50 };

let database: Database;
let receiver: OtlpReceiver;
let folder: string;
let serving: Serving | undefined;
beforeEach(async () => {
  database = await createTestDatabase();
  receiver = await receiveOtlp();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-tracing-'));
  await writeFile(path.join(folder, 'project.ts'), PROJECT);
  await writeFile(path.join(folder, 'tasks.ts'), TASKS);
});
afterEach(async () => {
  await serving?.stop();
  await receiver.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const named = (name: string): ReceivedSpan | undefined =>
  receiver.spans.find((span) => span.traceId === TRACE && span.name === name);

describe('traces', () => {
  it('go from the client over the request, the run and the task to its process and its statements', async () => {
    const environment = { DATABASE_URL: database.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint };
    serving = await serve({
      ...{ projectFolder: folder, environment, version: '0.0.0', port: 0 },
      ...{ signal: new AbortController().signal, print: () => undefined, warn: () => undefined },
    });
    const answer = await fetch(new URL('/api/pipelines/doubling/runs', serving.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CLIENT_SPAN}-01` },
      body: '{}',
    });
    expect(answer.headers.get('x-trace-id')).toBe(TRACE);
    const inChild = 'execute in a child process';
    await expect.poll(() => [named('run doubling'), named(inChild)].includes(undefined), PATIENCE).toBe(false);
    const [request, run, task, child] = [
      named('POST /api/pipelines/:name/runs'),
      ...[named('run doubling'), named('task double'), named(inChild)],
    ];
    expect(request?.parentSpanId).toBe(CLIENT_SPAN);
    expect(run?.parentSpanId).toBe(request?.spanId);
    expect(task?.parentSpanId).toBe(run?.spanId);
    expect(child?.parentSpanId).toBe(task?.spanId);
    const statements = receiver.spans.filter(({ parentSpanId }) => parentSpanId === task?.spanId);
    expect(statements.map(({ name }) => name)).toEqual(expect.arrayContaining([expect.stringMatching(/^\w+ \w+/)]));
    expect(JSON.stringify(receiver.spans)).not.toContain('$1');
    expect(receiver.problems).toEqual([]);
    const missing = await fetch(new URL('/api/runs/0', serving.url), {
      headers: { traceparent: `00-${TRACE}-${CLIENT_SPAN}-01` },
    });
    expect({ status: missing.status, trace: missing.headers.get('x-trace-id') }).toEqual({ status: 404, trace: TRACE });
    await serving.stop();
    serving = undefined;
    const log = await readFile(path.join(folder, '.weir', 'logs', 'weir.log'), 'utf8');
    expect(log).toContain(`"trace_id":"${TRACE}"`);
  });
});
