import type { Database } from '#store';
import { at, seed } from './seed.ts';

/** All that `seed` stores, and a later champion that predicts numbers, with labels for some of them. */
export async function seedNumbers(database: Database): Promise<void> {
  await seed(database);
  const distribution = {
    values: { edges: [100, 200, 300], predicted: [0, 6, 3, 1], actual: [1, 5, 3, 1] },
    errors: { edges: [-10, 0, 10], rows: [1, 4, 4, 1] },
    groups: [],
  };
  await database.query(
    `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
     values ('houses', 1, 'linear-regression', $1, '{}', '{}', 'd', 'houses')`,
    [JSON.stringify({ evaluation: { kind: 'regression', distribution } })],
  );
  await database.query(
    `insert into promotions (model, alias, version, previous, actor, reason, at)
     values ('houses', 'champion', 1, null, 'train', 'the first', $1)`,
    [at('09:30:00')],
  );
  await database.query(
    `insert into predictions (at, model, model_version, source, features, prediction, row_number, row_id)
     select $1, 'houses', 1, 'scheduled', '{"area": 40}', to_jsonb(predicted), place, 'r' || place
       from unnest(array[100, 150, 150, 320.5]::float8[]) with ordinality as made (predicted, place)`,
    [at('10:20:30')],
  );
  const label = `insert into labels (model, row_id, value, observed_at, source) values ('houses', $1, to_jsonb($2::float8), $3, 'api')`;
  await database.query(label, ['r1', 110, at('10:25:00')]);
  await database.query(label, ['r2', 999, at('10:25:00')]);
  // A correction: the newest counts.
  await database.query(label, ['r2', 150, at('10:26:00')]);
  await database.query(label, ['r4', 300.5, at('10:25:00')]);
}
