import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine, defineTask, type Engine, type Executor, inlineExecutor, value } from '#engine';
import { definePipeline } from '#pipelines';
import type { LineageEvent } from '../../../src/pipelines/lineage/event.ts';
import { writeLineage } from '../../../src/pipelines/lineage/outbox.ts';
import { sendLineage } from '../../../src/pipelines/lineage/send.ts';
import { createWorkbench, type Workbench } from '../../engine/fixtures/workbench.ts';
import { problemsOf } from './assert-openlineage.ts';

const origin = { namespace: 'test', weirVersion: '1.2.3', owner: 'team:parcels' };
const params = z.object({ n: z.number() });
const first = defineTask({
  ...{ name: 'first', version: '1', params, outputs: { n: value<number>() } },
  run: async ({ params: { n } }) => ({ n }),
});
const second = defineTask({
  ...{ name: 'second', version: '1', params, outputs: { n: value<number>() } },
  inputs: (given) => ({ first: first.goal(given) }),
  run: async ({ inputs }) => {
    if (inputs.first.n === 13) throw new Error('thirteen');
    return { n: inputs.first.n * 2 };
  },
});

let bench: Workbench;
let engine: Engine;
let executor: Executor;
beforeAll(async () => {
  bench = await createWorkbench();
  const { database, artifacts, folder } = bench;
  const tasks = [first, second];
  executor = inlineExecutor({ tasks, database, artifacts, folder: path.join(folder, 'attempts') });
  const pipeline = definePipeline({
    ...{ name: 'doubling', description: 'Doubles', params },
    goals: ({ params: given }) => [second.goal(given)],
  });
  engine = createEngine({ database, artifacts, tasks, executor, pipelines: [pipeline], isSoleOwner: true });
});
afterAll(async () => {
  await engine.close();
  await executor.close();
  await bench.close();
});

async function run(n: number): Promise<string> {
  const { runId } = await engine.start({ pipeline: 'doubling', trigger: 'manual', params: { n } });
  await engine.finished(runId);
  return runId;
}

interface Sending {
  readonly sent: LineageEvent[];
  isAway: boolean;
}

const send = (sending: Sending): Promise<number> =>
  sendLineage(bench.database, {
    transport: {
      name: 'receiver',
      send: async (event) => {
        if (sending.isAway) throw new Error('away');
        sending.sent.push(event);
      },
    },
    ...{ alertChannels: [], random: () => 0.5, signal: new AbortController().signal },
  });

describe('lineage', () => {
  it('is valid by the published schemas, from the start of a run to its end, with what its tasks read and made', async () => {
    // What ended before anybody asked for events gets none.
    await run(1);
    await writeLineage(bench.database, origin);
    const id = await run(2);
    await bench.database.query(
      `insert into arrivals (id, path, digest, size_bytes, run_id, ended_at, outcome)
       values ('a', '/data/raw/a.csv', 'd1', 120, $1, clock_timestamp(), 'ingested')`,
      [id],
    );
    await bench.database.query(
      `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict,
                           summary, duration_ms)
       values ('c', 'parcels', 'a.csv', 'd1', 120, 10, 9, 1, 0, 'warn', 'one is wrong', 5)`,
    );
    await bench.database.query(`insert into check_columns values ('c', 'weight', 1, 2.5)`);
    await bench.database.query(
      `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence)
       values ('c', 'in-range', 'weight', 'range', 'warn', 1, 0.1, 'One weight is out of range.')`,
    );
    await writeLineage(bench.database, origin);
    await writeLineage(bench.database, origin);
    const sending: Sending = { sent: [], isAway: false };
    expect(await send(sending)).toBe(6);
    const { sent } = sending;
    expect(sent.flatMap(problemsOf)).toEqual([]);
    expect(sent.map(({ eventType, job }) => `${eventType} ${job.name}`)).toEqual([
      ...['START doubling', 'START doubling.first', 'COMPLETE doubling.first'],
      ...['START doubling.second', 'COMPLETE doubling.second', 'COMPLETE doubling'],
    ]);
    const [start, , made, , read, end] = sent;
    expect(read?.inputs).toEqual([expect.objectContaining({ namespace: 'test', name: 'first.n' })]);
    expect(read?.inputs[0]?.facets?.version?.datasetVersion).toBe(made?.outputs[0]?.facets?.version?.datasetVersion);
    expect(read?.run.facets.parent).toMatchObject({ run: { runId: start?.run.runId }, job: { name: 'doubling' } });
    expect(end?.run.runId).toBe(start?.run.runId);
    expect(end?.inputs[0]).toMatchObject({
      name: '/data/raw/a.csv',
      inputFacets: {
        dataQualityMetrics: { rowCount: 10, columnMetrics: { weight: { nullCount: 1 } } },
        dataQualityAssertions: { assertions: [{ assertion: 'in-range', success: false, column: 'weight' }] },
      },
    });
    expect(end?.job.facets.ownership).toMatchObject({ owners: [{ name: 'team:parcels' }] });
    expect(await send(sending)).toBe(0);
  });

  it('of a run that failed says why', async () => {
    await run(13);
    await writeLineage(bench.database, origin);
    const sending: Sending = { sent: [], isAway: false };
    await send(sending);
    expect(sending.sent.flatMap(problemsOf)).toEqual([]);
    const failed = sending.sent.filter(({ eventType }) => eventType === 'FAIL');
    expect(failed.map(({ job }) => job.name)).toEqual(['doubling.second', 'doubling']);
    expect(failed[0]?.run.facets.errorMessage).toMatchObject({ message: expect.stringContaining('thirteen') });
  });

  it('waits in the database, in its order, while nobody accepts it', async () => {
    await run(3);
    await writeLineage(bench.database, origin);
    const sending: Sending = { sent: [], isAway: true };
    expect(await send(sending)).toBe(0);
    // It is not tried again at once.
    sending.isAway = false;
    expect(await send(sending)).toBe(0);
    await bench.database.query(`update lineage_events set next_attempt_at = clock_timestamp()`);
    expect(await send(sending)).toBe(6);
    expect(sending.sent.map(({ job }) => job.name)).toEqual([
      ...['doubling', 'doubling.first', 'doubling.first', 'doubling.second', 'doubling.second', 'doubling'],
    ]);
  });

  it('that is not accepted for half an hour raises an alert, once', async () => {
    await run(4);
    await writeLineage(bench.database, origin);
    await bench.database.query('update lineage_events set attempts = 8');
    const sending: Sending = { sent: [], isAway: true };
    await send(sending);
    await bench.database.query(`update lineage_events set next_attempt_at = clock_timestamp()`);
    await send(sending);
    const alerts = await bench.database.query(`select title from alerts where kind = 'lineage'`);
    expect(alerts).toEqual([{ title: 'OpenLineage events are not accepted' }]);
  });
});
