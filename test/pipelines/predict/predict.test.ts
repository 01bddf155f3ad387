import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TaskError } from '#engine';
import type { FeatureRow } from '#ml';
import {
  type PredictionAnswer,
  type PredictionClient,
  predictPipeline,
  predictRegistry,
  predictTasks,
} from '#pipelines';
import { BAD, createWorld, csv, GOOD, HEADER, parcels, runOnce, type World } from '../world.ts';

type Request = Parameters<PredictionClient['predict']>[0];

/** The API as this pipeline sees it: the same key with the same body stores once, another body is a conflict. */
class FakeApi implements PredictionClient {
  readonly stored = new Map<string, { readonly rows: readonly FeatureRow[]; readonly version: number }>();
  requests = 0;
  /** Called before anything is stored. */
  receive: (request: Request) => Promise<PredictionAnswer | undefined> = async () => undefined;
  /** Called when everything is stored and nobody has been answered. */
  answer: (request: Request) => Promise<void> = async () => undefined;

  async predict(request: Request): Promise<PredictionAnswer> {
    this.requests += 1;
    const refused = await this.receive(request);
    if (refused !== undefined) return refused;
    const { rows, version, idempotencyKey } = request;
    // What the real one asks of a header.
    expect(idempotencyKey).toMatch(/^[\x20-\x7e]{1,200}$/);
    const before = this.stored.get(idempotencyKey);
    const body = { rows, version };
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(body))
      return { kind: 'conflict', reason: '409' };
    this.stored.set(idempotencyKey, body);
    await this.answer(request);
    return { kind: 'stored' };
  }

  weights(): readonly unknown[] {
    return [...this.stored.values()].flatMap(({ rows }) => rows.map(({ weight }) => weight)).sort();
  }
}

describe('predict', () => {
  let world: World;
  let api: FakeApi;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world?.close());
  beforeEach(async () => {
    await world.clear();
    await world.database.query('truncate promotions, model_versions');
    api = new FakeApi();
  });

  const promote = async (version: number): Promise<void> => {
    await world.database.query(
      `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
       values ('parcels', $1::integer, 'knn', '{}', '{}', '{}', 'd', 'key ' || $1::integer)`,
      [version],
    );
    await world.database.query(
      `insert into promotions (model, alias, version, actor, reason) values ('parcels', 'champion', $1, 'test', 'test')`,
      [version],
    );
  };
  const build = () => {
    const { database, artifacts, duckdb, folders } = world;
    const options = { contract: parcels, database, artifacts, duckdb, folders, client: api, model: 'parcels' };
    const tasks = predictTasks(options);
    const engine = world.engine({ tasks: predictRegistry(tasks), pipelines: [predictPipeline(options, tasks)] });
    return { engine, predict: () => runOnce(engine, database, 'predict') };
  };
  const ledger = () =>
    world.database.query(
      'select path, row_count::int as rows, unfit_count::int as unfit, problem from consumed_files where consumed_at is not null order by path',
    );
  const rowsOf = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${from + index},${(from + index) / 1000},small,true,`);

  it('is skipped as long as there is no champion', async () => {
    await world.put('good', 'a.csv', csv(GOOD));
    expect(await build().predict()).toMatchObject({ state: 'skipped', reason: expect.stringContaining('no champion') });
    expect(await ledger()).toEqual([]);
  });

  it('predicts every row once, touches no file, and is skipped when nothing is new', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(rowsOf(1, 1200)));
    await world.put('good', 'b.csv', csv(GOOD));
    const place = path.join(world.folders.good, 'a.csv');
    const before = [await stat(place, { bigint: true }), await world.read('good', 'a.csv')] as const;
    const { predict } = build();
    expect(await predict()).toMatchObject({ state: 'succeeded' });
    expect(api.weights()).toHaveLength(1203);
    expect(new Set(api.weights()).size).toBe(1203);
    expect([...api.stored.values()][0]?.rows[0]).toMatchObject({ id: 1 });
    expect([...api.stored.values()][0]?.rows[0]).not.toHaveProperty('outcome');
    expect(await ledger()).toEqual([
      { path: 'a.csv', rows: 1200, unfit: 0, problem: null },
      { path: 'b.csv', rows: 3, unfit: 0, problem: null },
    ]);

    const requests = api.requests;
    const again = await predict();
    expect(again).toMatchObject({ state: 'skipped', reason: expect.stringContaining('nothing new') });
    expect(api.requests).toBe(requests);
    const now = await stat(place, { bigint: true });
    expect([now.mtimeNs, now.ctimeNs, now.ino]).toEqual([before[0].mtimeNs, before[0].ctimeNs, before[0].ino]);
    expect(await world.read('good', 'a.csv')).toBe(before[1]);
    expect(await readdir(world.folders.good)).toEqual(['a.csv', 'b.csv']);
  });

  it('predicts a file again when its bytes are others, or the same bytes have another name', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(GOOD));
    const { predict } = build();
    await predict();
    await world.put('good', 'a.csv', csv(GOOD.slice(0, 1)));
    await world.put('good', 'c.csv', csv(GOOD));
    expect(await predict()).toMatchObject({ state: 'succeeded' });
    expect(await ledger()).toMatchObject([{ rows: 3 }, { rows: 1 }, { rows: 3 }]);
  });

  it('takes names that no header could carry', async () => {
    await promote(1);
    const names = ['line\nbreak.csv', '漢字.csv', 'x'.repeat(255), `it's "q".csv`];
    for (const name of names) await world.put('good', name, csv(GOOD));
    expect(await build().predict()).toMatchObject({ state: 'succeeded' });
    expect(api.weights()).toHaveLength(3 * names.length);
  });

  it('leaves out rows that break the contract, and says how many', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(GOOD, BAD));
    await world.put('good', 'empty.csv', '');
    await world.put('good', 'header.csv', `${HEADER}\n`);
    expect(await build().predict()).toMatchObject({ state: 'succeeded' });
    expect(api.weights()).toHaveLength(3);
    expect(await ledger()).toMatchObject([{ path: 'a.csv', rows: 3, unfit: 2 }, { rows: 0 }, { rows: 0 }]);
  });

  it('leaves out one row that the API refuses, and predicts all others of all files', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(rowsOf(1, 700)));
    await world.put('good', 'b.csv', csv(rowsOf(2001, 10)));
    api.receive = async ({ rows }) =>
      rows.some(({ weight }) => weight === 0.123) ? { kind: 'refused', reason: '422' } : undefined;
    const { predict } = build();
    expect(await predict()).toMatchObject({ state: 'succeeded' });
    expect(new Set(api.weights()).size).toBe(709);
    expect(api.weights()).toHaveLength(709);
    expect(await ledger()).toMatchObject([
      { path: 'a.csv', rows: 699, unfit: 1, problem: expect.stringContaining('row 123') },
      { path: 'b.csv', rows: 10, unfit: 0 },
    ]);
    expect(await predict()).toMatchObject({ state: 'skipped' });
  });

  it('gives up a file whose every row is refused, in bounded time', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(rowsOf(1, 2000)));
    api.receive = async () => ({ kind: 'refused', reason: '422' });
    expect(await build().predict()).toMatchObject({ state: 'succeeded' });
    expect(api.requests).toBeLessThan(300);
    expect(await ledger()).toMatchObject([{ rows: 0, unfit: 2000 }]);
  });

  it('lets no file that fails keep others from being predicted', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(rowsOf(1, 5)));
    await world.put('good', 'b.csv', csv(rowsOf(101, 5)));
    await world.put('good', 'c.csv', csv(rowsOf(201, 5)));
    api.receive = async ({ rows }) => {
      if (rows.some(({ weight }) => weight === 0.101)) throw new Error('on purpose');
      return undefined;
    };
    const { predict } = build();
    expect(await predict()).toMatchObject({
      state: 'failed',
      taskRuns: [{}, { task: 'make-predictions', reason: expect.stringContaining('b.csv: on purpose') }],
    });
    expect(await ledger()).toMatchObject([{ path: 'a.csv' }, { path: 'c.csv' }]);
    api.receive = async () => undefined;
    expect(await predict()).toMatchObject({ state: 'succeeded' });
    expect(new Set(api.weights()).size).toBe(15);
  });

  it('tries again when the API is not there, and stores nothing twice', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(rowsOf(1, 1500)));
    let failures = 2;
    api.answer = async () => {
      if (failures-- > 0) throw new TaskError('503', { class: 'infrastructure' });
    };
    const run = await build().predict();
    expect(run).toMatchObject({ state: 'succeeded' });
    const attempts = await world.database.query(
      `select outcome from attempts where run_id = $1 and outcome = 'failed'`,
      [run.runId],
    );
    expect(attempts).toHaveLength(2);
    expect(api.weights()).toHaveLength(1500);
    expect(new Set(api.weights()).size).toBe(1500);
  });

  describe('after a crash', () => {
    /** Lets a run come as far as its second request is stored, and no further: as if the process had died there. */
    const crashHalfWay = async (): Promise<string> => {
      let isReached: () => void = () => undefined;
      const reached = new Promise<void>((resolve) => {
        isReached = resolve;
      });
      let answers = 0;
      api.answer = async () => {
        answers += 1;
        if (answers < 2) return;
        isReached();
        await new Promise(() => undefined);
      };
      const { engine } = build();
      const { runId } = await engine.start({ pipeline: 'predict', trigger: 'manual' });
      await reached;
      await engine.close(0);
      api.answer = async () => undefined;
      return runId;
    };

    it('finishes the run with the champion of its creation, and doubles nothing', async () => {
      await promote(1);
      await world.put('good', 'a.csv', csv(rowsOf(1, 1500)));
      const runId = await crashHalfWay();
      expect(api.weights()).toHaveLength(1000);
      await promote(2);
      const { engine } = build();
      await engine.recover();
      expect(await engine.finished(runId)).toBe('succeeded');
      expect(api.weights()).toHaveLength(1500);
      expect(new Set([...api.stored.values()].map(({ version }) => version))).toEqual(new Set([1]));
    });

    it('finishes a file in another run with the model version that began it', async () => {
      await promote(1);
      await world.put('good', 'a.csv', csv(rowsOf(1, 1500)));
      const runId = await crashHalfWay();
      await world.database.query(`update runs set state = 'cancelled', settled_at = now() where id = $1`, [runId]);
      await promote(2);
      await world.put('good', 'b.csv', csv(GOOD));
      expect(await build().predict()).toMatchObject({ state: 'succeeded' });
      expect(api.weights()).toHaveLength(1503);
      const versions = [...api.stored.values()].map(({ version }) => version).sort();
      expect(versions).toEqual([1, 1, 1, 2]);
    });
  });

  it('leaves a file that changes after it was found for the next run', async () => {
    await promote(1);
    await world.put('good', 'a.csv', csv(rowsOf(1, 3)));
    await world.put('good', 'b.csv', csv(rowsOf(101, 3)));
    api.receive = async () => {
      for (const name of ['a.csv', 'b.csv']) await world.put('good', name, csv(rowsOf(201, 3)));
      api.receive = async () => undefined;
      return undefined;
    };
    const { predict } = build();
    expect(await predict()).toMatchObject({ state: 'succeeded' });
    expect(await ledger()).toMatchObject([{ rows: 3 }]);
    await predict();
    expect(await ledger()).toHaveLength(3);
    expect(api.weights()).toHaveLength(9);
  });
});
