import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  category,
  defineContract,
  defineProject,
  fromGoodData,
  fromSql,
  integer,
  knn,
  number,
  type PrepareContext,
} from 'weir';
import { people } from './people.ts';

/** Seeds of the two populations: the one models learn from, and the one that keeps arriving. */
const TRAINING_SEED = 1912;
const ARRIVING_SEED = 2024;
/** Those who arrive are other people, so their numbers are others. */
const ARRIVING_FROM = 10_000;

const passengers = defineContract({
  name: 'passengers',
  description: 'People aboard the Titanic on her only voyage, April 1912',
  columns: {
    id: integer({ role: 'id', unique: true, min: 1, description: 'Number of the person' }),
    class: category(['1st', '2nd', '3rd', 'crew'], {
      label: 'Class',
      description: 'Cabin class, or crew',
      examples: ['3rd'],
    }),
    sex: category(['female', 'male'], { label: 'Sex', examples: ['female'] }),
    age: number({ label: 'Age', unit: 'years', min: 0, max: 100, nullable: true, examples: [29] }),
    survived: category(['no', 'yes'], { role: 'label', label: 'Survived' }),
  },
});

export default defineProject({
  name: 'titanic',
  title: 'Titanic survival',
  contract: passengers,
  estimator: knn({ k: 25 }),
  training: [fromSql({ connection: 'warehouse', sql: 'sql/passengers.sql' }), fromGoodData()],
  prepare: async (context) => {
    await fillWarehouse(context);
    await writeArrivingPassengers(context);
  },
});

/** The table that training reads. Does nothing when it is there. */
async function fillWarehouse({ connection }: PrepareContext): Promise<void> {
  await connection('warehouse').transaction(async (tx) => {
    await tx.query('create schema if not exists titanic');
    await tx.query(`create table if not exists titanic.passengers (
      id integer primary key, class text not null, sex text not null, age double precision, survived text not null)`);
    const [present] = await tx.query('select from titanic.passengers limit 1');
    if (present !== undefined) return;
    const rows = people(TRAINING_SEED);
    await tx.query(
      'insert into titanic.passengers select * from unnest($1::int[], $2::text[], $3::text[], $4::float8[], $5::text[])',
      [
        rows.map((p) => p.id),
        rows.map((p) => p.class),
        rows.map((p) => p.sex),
        rows.map((p) => p.age),
        rows.map((p) => p.survived),
      ],
    );
  });
}

/**
 * Those who arrive: the feed cuts them into files, and keeps their fate back for some minutes (see `feed` in
 * config/dev.yaml).
 */
async function writeArrivingPassengers({ stateFolder }: PrepareContext): Promise<void> {
  const lines = people(ARRIVING_SEED).map((person) =>
    [ARRIVING_FROM + person.id, person.class, person.sex, person.age ?? '', person.survived].join(','),
  );
  await writeFile(path.join(stateFolder, 'passengers.csv'), `${['id,class,sex,age,survived', ...lines].join('\n')}\n`);
}
