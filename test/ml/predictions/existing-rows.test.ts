import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldPredictionCounts, forgetPredictions, pastPredictions, preparePredictions, requestAnswer } from '#ml';
import { type Database, migrate } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const MIGRATIONS = 'database/migrations';

let database: Database;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: false });
  folder = await mkdtemp(path.join(tmpdir(), 'weir-before-'));
  const names = (await readdir(MIGRATIONS)).sort();
  const before = names.findIndex((name) => name.endsWith('-partitions.sql'));
  for (const name of names.slice(0, before)) await copyFile(path.join(MIGRATIONS, name), path.join(folder, name));
  await migrate(database, { folder });
});
afterAll(async () => {
  await database.query('drop owned by before_reader; drop role before_reader');
  await database.close();
  await rm(folder, { recursive: true });
});

const counted = () =>
  database.query('select prediction, sum(number)::integer as number from prediction_counts group by 1 order by 1');

describe('predictions that exist when partitions are introduced', () => {
  it('stay as they are, with their counts and who may read them, and are forgotten by age', async () => {
    await database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, request, row_number)
       select clock_timestamp() - days * interval '1 day', 'boats', 1, 'api', jsonb_build_object('days', days), '"yes"', 'key ' || days, 0
         from unnest(array[40, 2, 0]) as days`,
    );
    await database.query(
      `insert into prediction_requests (request, body_digest, at) select request, 'd', at from predictions`,
    );
    await foldPredictionCounts(database);
    await database.query('create role before_reader');
    await database.query('grant select (at, model) on predictions to before_reader');
    await database.query('grant usage on schema weir to before_reader');
    const ids = (await database.query('select id from predictions order by id')).map(({ id }) => id);

    await migrate(database);
    await preparePredictions(database, { ageDaysMax: 30 });

    const { items } = await pastPredictions(database, { limit: 10 });
    expect(items.map(({ predictionId }) => predictionId)).toEqual(ids.toReversed());
    expect(await counted()).toEqual([{ prediction: 'yes', number: 3 }]);
    expect((await requestAnswer(database, 'key 2'))?.predictions).toMatchObject([{ features: { days: 2 } }]);
    await database.transaction(async (tx) => {
      await tx.query('set local role before_reader');
      expect(await tx.query('select at, model from predictions')).toHaveLength(3);
    });
    const denied = database.transaction(async (tx) => {
      await tx.query('set local role before_reader');
      await tx.query('select at from predictions_before');
    });
    await expect(denied).rejects.toThrow(/permission denied/);

    const [added] = await database.query<{ id: string }>(
      `insert into predictions (model, model_version, source, features, prediction, row_number)
       values ('boats', 1, 'api', '{}', '"yes"', 0) returning id`,
    );
    expect(Number(added?.id)).toBe(Number(ids.at(-1)) + 1);
    await foldPredictionCounts(database);
    expect(await counted()).toEqual([{ prediction: 'yes', number: 4 }]);

    expect(await forgetPredictions(database, { ageDaysMax: 30 })).toEqual({ predictions: 1, inUse: 0 });
    expect(await requestAnswer(database, 'key 40')).toBeUndefined();
    expect(await counted()).toEqual([{ prediction: 'yes', number: 3 }]);
    expect((await pastPredictions(database, { limit: 10 })).items).toHaveLength(3);
  });
});
