import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { number } from '#contracts';
import { openDuckdbPool } from '#store';
import { deferred } from '../../deferred.ts';
import { parcels } from '../../server/parcels.ts';
import { jobEngine } from './job-engine.ts';
import { createJobsWorld, type JobsWorld } from './jobs-world.ts';

const HEADER = 'id,weight,size,fragile,note';
const GOOD = ['1,2.5,small,true,', '2,10,large,,"two, three"', '3,50,small,false,=x'];
const csv = (...lines: readonly string[]): string => `${[HEADER, ...lines].join('\n')}\n`;
const rowsOf = (count: number): string =>
  csv(...Array.from({ length: count }, (_, index) => `${index},${index % 50},small,true,`));

let world: JobsWorld;
/** How many rows were in memory together. */
const pages: number[] = [];
/** Called before rows are predicted. */
let before: (first: unknown) => Promise<void> = async () => undefined;
beforeAll(async () => {
  world = await createJobsWorld((predictor) => ({
    predict: async (rows) => {
      pages.push(rows.rows.length);
      await before(rows.rows[0]?.id);
      return predictor.predict(rows);
    },
  }));
});
afterAll(() => world?.close());
beforeEach(async () => {
  pages.length = 0;
  before = async () => undefined;
  await rm(path.join(world.folder, 'sent'), { recursive: true, force: true });
  await world.database.query('truncate runs, predictions, prediction_requests cascade');
});

const stored = () =>
  world.database.query<{ row: string; count: number }>(
    'select row_id as row, count(*)::int as count from predictions group by 1 order by row_id::int',
  );
const linesOf = (bytes: Buffer): Record<string, unknown>[] =>
  bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function parquetOf(rows: string): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-job-parquet-'));
  const duckdb = openDuckdbPool({ size: 1 });
  try {
    await writeFile(path.join(folder, 'rows.csv'), rows);
    const [from, to] = ['rows.csv', 'rows.parquet'].map((name) => path.join(folder, name));
    await duckdb.use((connection) => connection.run(`copy (from read_csv('${from}')) to '${to}' (format parquet)`));
    return await readFile(to ?? '');
  } finally {
    await duckdb.close();
    await rm(folder, { recursive: true });
  }
}

async function parquetRows(bytes: Buffer): Promise<readonly Record<string, unknown>[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-job-parquet-'));
  const duckdb = openDuckdbPool({ size: 1 });
  try {
    const file = path.join(folder, 'result.parquet');
    await writeFile(file, bytes);
    return await duckdb.use((connection) => connection.all(`from read_parquet('${file}')`));
  } finally {
    await duckdb.close();
    await rm(folder, { recursive: true });
  }
}

describe('a prediction job', () => {
  const NDJSON = [
    '{"id":1,"weight":2.5,"size":"small","fragile":true,"note":null}',
    '{"id":2,"weight":10,"size":"large","fragile":null,"note":"two, three"}',
    '{"id":3,"weight":50,"size":"small","fragile":false,"note":"=x"}',
  ].join('\n');

  it.each<[string, string, () => Promise<string | Buffer>]>([
    ['CSV', 'rows.csv', async () => csv(...GOOD)],
    ['CSV that is a gzip file', 'rows.csv.gz', async () => gzipSync(csv(...GOOD))],
    ['NDJSON', 'rows.ndjson', async () => NDJSON],
    ['Parquet', 'rows.parquet', () => parquetOf(csv(...GOOD))],
  ])('predicts every row of a file of %s once, and lets the file go', async (_, name, payload) => {
    const file = await payload();
    const sent = await world.send(name, file);
    expect(sent).toMatchObject({
      status: 200,
      job: { file: name, isStored: true, modelVersion: 'parcels@1', by: null },
    });
    const job = await world.ended(sent.job.id);
    expect(job).toMatchObject({ state: 'succeeded', problem: null, rows: { in: 3, predicted: 3, refused: 0 } });
    expect(await stored()).toEqual(['1', '2', '3'].map((row) => ({ row, count: 1 })));
    expect(await world.isKept(file)).toBe(false);
    const lines = linesOf((await world.result(job.id, 'ndjson')).bytes);
    expect(lines.map(({ rowId, features }) => [rowId, (features as Record<string, unknown>).weight])).toEqual([
      ['1', 2.5],
      ['2', 10],
      ['3', 50],
    ]);
  });

  it('has the same result in each format, with the lines of the file', async () => {
    const { job } = await world.send(
      'rows.csv',
      csv(GOOD[0] ?? '', '', '"4",51,small,true,"a\nb"', GOOD[1] ?? '', '6,1', GOOD[2] ?? ''),
    );
    expect(await world.ended(job.id)).toMatchObject({ state: 'succeeded', rows: { in: 5, predicted: 3, refused: 2 } });
    const { type, bytes } = await world.result(job.id);
    expect(type).toBe('text/csv; charset=utf-8');
    const [header, ...rows] = bytes.toString().trimEnd().split('\n');
    expect(header).toBe(
      'line,prediction_id,row_id,row_time,model_version,prediction,probability,probabilities,problem,feature.weight,feature.size,feature.fragile,feature.note',
    );
    expect(rows.map((row) => row.split(',')[0])).toEqual(['2', '6', '8', '4', '7']);
    expect(rows[2]).toMatch(/,parcels@1,broken,.*,50,small,false,'=x$/);
    expect(rows[3]).toMatch(/^4,{8}weight: in-range/);
    const lines = linesOf((await world.result(job.id, 'ndjson')).bytes);
    expect(lines.map(({ line }) => line)).toEqual([2, 6, 8, 4, 7]);
    expect(lines[0]).toMatchObject({
      ...{ rowId: '1', modelVersion: 'parcels@1', prediction: 'kept', probabilities: { kept: 1, broken: 0 } },
      features: { weight: 2.5, size: 'small', fragile: true, note: null },
    });
    expect(lines[3]).toEqual({ line: 4, problem: expect.stringContaining('weight') });
    const parquet = await parquetRows((await world.result(job.id, 'parquet')).bytes);
    expect(parquet.map((row) => [row.line, row.row_id, row['feature.weight'], row.prediction, row.problem])).toEqual(
      lines.map(({ line, rowId = null, features, prediction = null, problem = null }) => [
        ...[line, rowId, (features as { weight: number } | undefined)?.weight ?? null, prediction, problem],
      ]),
    );
  });

  it('tells a record with a line separator, which JSON leaves as it is', async () => {
    const { job } = await world.send('rows.csv', csv(GOOD[0] ?? '', '2,\u2028,\u2029'));
    expect(await world.ended(job.id)).toMatchObject({ state: 'succeeded', rows: { in: 2, predicted: 1, refused: 1 } });
    const lines = linesOf((await world.result(job.id, 'ndjson')).bytes);
    expect(lines[1]).toEqual({ line: 3, problem: expect.any(String) });
  });

  it('stores nothing when it is asked not to, and answers with the version that it is asked for', async () => {
    const { job } = await world.send('rows.csv', csv(...GOOD), {
      query: { store: 'false', version: String(world.version) },
    });
    expect(await world.ended(job.id)).toMatchObject({ state: 'succeeded', isStored: false });
    expect(await stored()).toEqual([]);
    expect(linesOf((await world.result(job.id, 'ndjson')).bytes)[0]).not.toHaveProperty('predictionId');
  });

  it('reads a body that is compressed on its way', async () => {
    const { job } = await world.send('rows.csv', gzipSync(csv(...GOOD)), { headers: { 'content-encoding': 'gzip' } });
    expect(await world.ended(job.id)).toMatchObject({ state: 'succeeded', rows: { predicted: 3 } });
  });

  it('says of a column that the contract does not know, and of one that is not there', async () => {
    const unknown = await world.send('rows.csv', 'id,weight,size,fragile,note,colour\n1,2,small,true,,red\n');
    expect(await world.ended(unknown.job.id)).toMatchObject({
      ...{ state: 'succeeded', rows: { in: 1, predicted: 1, refused: 0 } },
      summary: expect.stringContaining('colour'),
    });
    const missing = await world.send('rows.csv', 'id,size,fragile,note\n1,small,true,\n');
    expect(await world.ended(missing.job.id)).toMatchObject({
      state: 'succeeded',
      rows: { in: 1, predicted: 0, refused: 1 },
    });
    expect(linesOf((await world.result(missing.job.id, 'ndjson')).bytes)).toEqual([
      { line: 2, problem: expect.stringContaining('weight') },
    ]);
  });

  it('predicts rows that do not say which they are', async () => {
    const { job } = await world.send('rows.csv', 'weight,size,fragile,note\n2,small,true,\n');
    expect(await world.ended(job.id)).toMatchObject({ state: 'succeeded', rows: { in: 1, predicted: 1, refused: 0 } });
  });

  it('has a result without rows for a file without rows', async () => {
    const { job } = await world.send('rows.csv', csv());
    const ended = await world.ended(job.id);
    expect(ended).toMatchObject({ state: 'succeeded', rows: { in: 0, predicted: 0, refused: 0 } });
    expect(ended.results.map(({ format }) => format)).toEqual(['csv', 'ndjson', 'parquet']);
    expect((await world.result(job.id, 'ndjson')).bytes.toString()).toBe('');
    expect(await parquetRows((await world.result(job.id, 'parquet')).bytes)).toEqual([]);
  });

  it('fails with a file that cannot be read, and goes on when its run is retried', async () => {
    const file = Buffer.from([0xff, 0xfe, 0xd8, 0x00, 0x0a]);
    const { job } = await world.send('rows.csv', file);
    const failed = await world.ended(job.id);
    expect(failed).toMatchObject({ state: 'failed', results: [], problem: expect.any(String) });
    expect(await world.isKept(file)).toBe(true);
    const { runId } = await world.engine.retry(failed.runId);
    expect(await world.find(job.id)).toMatchObject({ runId });
    await world.ended(job.id);
  });
});

describe('a prediction job that is retried', () => {
  const failing = async (): Promise<string> => {
    before = async (first) => {
      if (first === 1_000) throw new Error('the model is broken');
    };
    const { job } = await world.send('rows.csv', rowsOf(1_500));
    expect(await world.ended(job.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining('broken') });
    before = async () => undefined;
    return job.id;
  };

  it('goes on with the same file, and stores each row once', async () => {
    const id = await failing();
    expect(await stored()).toHaveLength(1_000);
    await world.engine.retry((await world.find(id)).runId);
    expect(await world.ended(id)).toMatchObject({
      state: 'succeeded',
      rows: { in: 1_500, predicted: 1_500, refused: 0 },
    });
    expect((await stored()).filter(({ count }) => count !== 1)).toEqual([]);
    expect(await stored()).toHaveLength(1_500);
  });

  it('fails when the contract has changed, by which its rows would be others', async () => {
    const id = await failing();
    const contract = { ...parcels, columns: { ...parcels.columns, weight: number({ max: 40 }) } };
    const engine = jobEngine({ ...world, contract });
    const { runId } = await engine.retry((await world.find(id)).runId);
    expect(await engine.finished(runId)).toBe('failed');
    await engine.close();
    expect((await world.find(id)).problem).toContain('The contract changed');
    expect(await stored()).toHaveLength(1_000);
  });
});

describe('a request for a prediction job', () => {
  it.each<[string, string, Record<string, string>, string]>([
    ['without bytes', '', {}, 'request_invalid'],
    ['for a version that does not exist', csv(), { version: '99' }, 'model_unknown'],
    ['for another model', csv(), { version: 'houses@1' }, 'model_unknown'],
    ['with a field that it does not take', csv(), { stored: 'false' }, 'request_invalid'],
  ])('%s is refused and leaves no file', async (_, payload, query, code) => {
    const countArtifacts = async (): Promise<number> => {
      let count = 0;
      for await (const _artifact of world.artifacts.list()) count += 1;
      return count;
    };
    const before = await countArtifacts();
    expect(await world.send('rows.csv', payload, { query })).toMatchObject({ code });
    expect(await countArtifacts()).toBe(before);
  });

  it.each(['', 'a/b.csv', '..', '.hidden'])('for a file called %j is refused', async (name) => {
    expect(await world.send(name, csv())).toMatchObject({ code: 'request_invalid' });
  });

  it('finds no job that does not exist', async () => {
    for (const path of ['', '/result'])
      expect((await world.server.inject({ url: `/api/prediction-jobs/99${path}` })).json()).toMatchObject({
        code: 'prediction_job_unknown',
      });
  });
});

describe('a prediction job that is cancelled while it runs', () => {
  it('ends without a result, and keeps what was stored', async () => {
    const [second, goOn] = [deferred<void>(), deferred<void>()];
    before = async (first) => {
      if (first === 0) return;
      second.resolve();
      await goOn.promise;
    };
    const { job } = await world.send('rows.csv', rowsOf(2_500));
    await second.promise;
    expect(await world.find(job.id)).toMatchObject({
      state: 'running',
      rows: { in: 2_500, predicted: 1_000 },
      results: [],
    });
    const early = await world.server.inject({ url: `/api/prediction-jobs/${job.id}/result` });
    expect(early.json()).toMatchObject({ code: 'prediction_job_unfinished' });
    const cancelled = await world.server.inject({ method: 'POST', url: `/api/prediction-jobs/${job.id}/cancel` });
    expect(cancelled.statusCode).toBe(200);
    goOn.resolve();
    expect(await world.ended(job.id)).toMatchObject({ state: 'cancelled', results: [] });
    expect(await stored()).toHaveLength(1_000);
    expect(await world.isKept(rowsOf(2_500))).toBe(false);
    const again = await world.server.inject({ method: 'POST', url: `/api/prediction-jobs/${job.id}/cancel` });
    expect(again.json()).toMatchObject({ code: 'run_ended' });
  });
});

describe('a file of many rows', () => {
  it('is read, predicted and written a page at a time', async () => {
    const { job } = await world.send('rows.csv', rowsOf(2_500));
    expect(await world.ended(job.id)).toMatchObject({ state: 'succeeded', rows: { in: 2_500, predicted: 2_500 } });
    expect(pages).toEqual([1_000, 1_000, 500]);
  });
});

describe('the list of prediction jobs', () => {
  it('has the newest first, page by page', async () => {
    for (const name of ['a.csv', 'b.csv', 'c.csv']) await world.ended((await world.send(name, csv(...GOOD))).job.id);
    const page = async (query: Record<string, string>) =>
      (await world.server.inject({ url: '/api/prediction-jobs', query })).json();
    const first = await page({ limit: '2' });
    expect(first.items.map(({ file }: { file: string }) => file)).toEqual(['c.csv', 'b.csv']);
    const second = await page({ limit: '2', cursor: first.nextCursor });
    expect(second).toMatchObject({ items: [{ file: 'a.csv', state: 'succeeded' }], nextCursor: null });
    expect(await page({ search: 'b.csv' })).toMatchObject({ items: [{ file: 'b.csv' }] });
  });
});
