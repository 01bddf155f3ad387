import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forkProgram } from '../../programs/programs.ts';
import { createJobsWorld, type JobsWorld } from './jobs-world.ts';

const ROWS = 3_500;

let world: JobsWorld;
beforeAll(async () => {
  world = await createJobsWorld();
});
afterAll(() => world?.close());

describe('a process that is killed while it predicts the rows of a file', () => {
  it('leaves a job that the next one finishes, with each row once', async () => {
    const lines = Array.from({ length: ROWS }, (_, index) => `${index},${index % 60},small,true,`);
    const file = `id,weight,size,fragile,note\n${lines.join('\n')}\n`;
    const { digest } = await world.artifacts.put(Buffer.from(file));
    const good = lines.filter((_, index) => index % 60 <= 50).length;
    const child = forkProgram('killed-job', [world.database.url, world.folder, digest]);
    const [said] = await once(child, 'message');
    expect(said).toBe('stored');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const count = async () => (await world.database.query('select count(*)::int as rows from predictions'))[0];
    expect(await count()).toEqual({ rows: 2_000 });
    const [job] = await world.database.query<{ id: string; predicted: number }>(
      'select id::text, rows_predicted::int as predicted from prediction_jobs',
    );
    expect(job?.predicted).toBe(1_000);

    await world.engine.recover();
    const ended = await world.ended(job?.id ?? '');
    expect(ended).toMatchObject({ state: 'succeeded', rows: { in: ROWS, predicted: good, refused: ROWS - good } });
    expect(await count()).toEqual({ rows: good });
    expect(await world.database.query('select row_id from predictions group by 1 having count(*) > 1')).toEqual([]);
    const { bytes } = await world.result(ended.id, 'ndjson');
    const results = bytes.toString().trimEnd().split('\n');
    const told = results.map((line) => JSON.parse(line) as { line: number; predictionId?: string });
    expect(told.map(({ line }) => line).sort((a, b) => a - b)).toEqual(lines.map((_, index) => index + 2));
    const ids = told.flatMap(({ predictionId = [] }) => predictionId);
    expect(new Set(ids).size).toBe(good);
    const known = await world.database.query<{ id: string }>('select id::text from predictions');
    expect(new Set(known.map(({ id }) => id))).toEqual(new Set(ids));
  });

  it('used keys that no client can send', async () => {
    const keys = await world.database.query<{ request: string }>('select request from prediction_requests');
    expect(keys).toHaveLength(3);
    for (const { request } of keys) {
      expect(() => new Headers({ 'x-test': 'a', 'idempotency-key': `a${request}` })).toThrow();
      expect(request.startsWith('\nprediction-job ')).toBe(true);
    }
  });
});
