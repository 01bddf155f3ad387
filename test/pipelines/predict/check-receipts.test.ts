import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FeatureRow } from '#ml';
import {
  ingestPipeline,
  ingestRegistry,
  ingestTasks,
  type PredictionClient,
  predictPipeline,
  predictRegistry,
  predictTasks,
} from '#pipelines';
import { type ArtifactDriver, StoreError } from '#store';
import { type CheckedFile, type CheckReceipt, saveReceipt } from '../../../src/pipelines/check-receipts.ts';
import { contractIdentity } from '../../../src/pipelines/contract-identity.ts';
import { BAD, createWorld, csv, GOOD, parcels, REJECTED, runOnce, type World } from '../world.ts';

/** As raw files of long ago look: quiet. */
const LATER = { now: () => Date.now() + 60_000, sleep: async () => undefined };
const NDJSON = '{"id":7,"weight":1,"size":"small","fragile":true,"note":null}\n';
const MIXED = csv(GOOD, BAD);

let world: World;
let sent: FeatureRow[];
const client: PredictionClient = {
  predict: async ({ rows }) => {
    sent.push(...rows);
    return { kind: 'stored' };
  },
};
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.clear();
  await world.database.query('truncate promotions, model_versions');
  await world.database.query(
    `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
     values ('parcels', 1, 'knn', '{}', '{}', '{}', 'd', 'key')`,
  );
  await world.database.query(
    `insert into promotions (model, alias, version, actor, reason) values ('parcels', 'champion', 1, 'test', 'test')`,
  );
  sent = [];
});

function build(artifacts: ArtifactDriver = world.artifacts) {
  const { database, duckdb, folders } = world;
  const base = { contract: parcels, database, duckdb, folders };
  const ingestOptions = {
    ...base,
    model: 'parcels',
    alertChannels: [],
    reportUrl: (id: string) => `http://127.0.0.1/reports/${id}`,
  };
  const predictOptions = { ...base, artifacts, client, model: 'parcels' };
  const [ingest, predict] = [ingestTasks(ingestOptions), predictTasks(predictOptions)];
  const engine = world.engine({
    tasks: [...ingestRegistry(ingest), ...predictRegistry(predict)],
    pipelines: [ingestPipeline(ingestOptions, ingest, LATER), predictPipeline(predictOptions, predict)],
  });
  return {
    ingest: () => runOnce(engine, database, 'ingest'),
    predict: async () => {
      expect(await runOnce(engine, database, 'predict')).toMatchObject({ state: 'succeeded' });
      const rows = sent.map((row) => JSON.stringify(row)).sort();
      sent = [];
      return rows;
    },
  };
}

const receipts = () =>
  world.database.query<{ path: string }>('select path, row_count::int as rows from check_receipts');
const ledger = () =>
  world.database.query('select row_count::int as rows, unfit_count::int as unfit from consumed_files order by path');

describe('files that ingestion placed', () => {
  it('have the rows that a second check would find, and no receipt once they are predicted', async () => {
    await world.put('raw', 'whole.csv', csv(GOOD));
    await world.put('raw', 'mixed.csv', csv(GOOD, BAD, REJECTED));
    await world.put('raw', 'own-format.ndjson', NDJSON);
    const { ingest, predict } = build();
    for (const _ of [1, 2, 3]) expect(await ingest()).toMatchObject({ state: 'succeeded' });
    expect((await receipts()).map(({ path }) => path).sort()).toEqual(await world.list('good'));
    const looked = await predict();
    expect(await receipts()).toEqual([]);
    const lookedUp = await ledger();
    await world.database.query('truncate consumed_files');
    expect(await predict()).toEqual(looked);
    expect(await ledger()).toEqual(lookedUp);
    expect(looked).toHaveLength(7);
  });
});

describe('a receipt of a check', () => {
  const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');
  // Of a file with bad rows, so that only a look-up takes them for good.
  const note = (change: Partial<CheckedFile & CheckReceipt> = {}) =>
    saveReceipt(world.database, {
      ...{ path: 'a.csv', digest: digestOf(MIXED), contract: contractIdentity(parcels) },
      ...{ rowsDigest: digestOf(MIXED), rowCount: 5 },
      ...change,
    });
  const CHECKED = [{ rows: 3, unfit: 2 }];

  it('takes the place of a second check', async () => {
    await note();
    await world.put('good', 'a.csv', MIXED);
    expect(await build().predict()).toHaveLength(5);
    expect(await ledger()).toEqual([{ rows: 5, unfit: 0 }]);
  });

  it.each<[string, Partial<CheckedFile & CheckReceipt>]>([
    ['of a file with another name, as for one that somebody put there,', { path: 'b.csv' }],
    ['of other bytes', { digest: digestOf(csv(GOOD)) }],
    ['of another contract', { contract: 'another' }],
    ['whose rows were removed since', { rowsDigest: 'f'.repeat(64) }],
  ])('%s does not', async (_, change) => {
    await note(change);
    await world.put('good', 'a.csv', MIXED);
    expect(await build().predict()).toHaveLength(3);
    expect(await ledger()).toEqual(CHECKED);
  });

  it('whose rows were damaged since does not', async () => {
    const { digest } = await world.artifacts.put(Buffer.from(csv(GOOD)));
    await note({ rowsDigest: digest });
    await world.put('good', 'a.csv', MIXED);
    const damaged = async (): Promise<never> => {
      throw new StoreError('artifact_damaged', 'its bytes are others');
    };
    expect(await build({ ...world.artifacts, read: damaged }).predict()).toHaveLength(3);
    expect(await ledger()).toEqual(CHECKED);
  });
});
