import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { type PredictionCall, predictAndStore } from '../../src/server/predictions/predict-and-store.ts';
import { createPredictor } from '../../src/server/predictions/predictor.ts';
import { textOf } from '../postgres/text-of.ts';
import { addChampion, createWorld, type World } from './world.ts';

let world: World;
let asked: string[];
let answer: ReturnType<typeof predictAndStore>;

beforeAll(async () => {
  world = await createWorld();
  await addChampion(world);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.database.query('truncate predictions, prediction_requests');
  asked = [];
  answer = server();
});

/** The way of a prediction through one server of those over the database; what it asks the database is noted. */
function server(): ReturnType<typeof predictAndStore> {
  const { artifacts } = world;
  const database: Database = {
    ...world.database,
    query: (statement, values) => {
      asked.push(textOf(statement));
      return world.database.query(statement, values);
    },
  };
  return predictAndStore({ database, predictor: createPredictor({ database, artifacts, model: 'parcels' }) });
}

const call = (weight: number, request?: string): PredictionCall => ({
  rows: [{ weight, size: 'small', fragile: false, note: null }],
  source: 'api',
  version: undefined,
  request,
});
const count = async () => Number((await world.database.query('select count(*) from predictions'))[0]?.count);

describe('a prediction on its way to the database', () => {
  it('asks it once when the champion was looked up before', async () => {
    await answer(call(1));
    asked = [];
    await answer(call(2));
    await answer(call(3, 'key'));
    expect(asked).toHaveLength(2);
    expect(await count()).toBe(3);
  });

  it('shares one statement with all that come in the same moment, with idempotency keys or without', async () => {
    await answer(call(1));
    asked = [];
    const calls = Array.from({ length: 64 }, (_, index) =>
      call(index / 2, index % 2 === 0 ? `key-${index}` : undefined),
    );
    const answers = await Promise.all(calls.map(answer));
    expect(asked).toHaveLength(1);
    answers.forEach((stored, index) => {
      expect(stored).toEqual([expect.objectContaining({ features: calls[index]?.rows[0] })]);
    });
    expect(await count()).toBe(65);
  });

  it('is made again by the new champion when another was promoted since', async () => {
    await answer(call(1));
    const promoted = await addChampion(world, { k: 11 });
    const answers = await Promise.all([call(2), call(3, 'key'), call(4)].map(answer));
    for (const [stored] of answers) expect(stored?.modelVersion).toBe(`parcels@${promoted}`);
    expect(await count()).toBe(4);
  });
});

describe('the time of a row', () => {
  it('reaches the model, is the present one where the row says none, and is not stored as a feature', async () => {
    const { database, artifacts } = world;
    const predictor = createPredictor({ database, artifacts, model: 'parcels' });
    const seen: unknown[] = [];
    const dated = predictAndStore(
      {
        ...{ database, timeColumn: 'sent' },
        predictor: {
          predict: (rows, options) => {
            seen.push(...rows.map(({ sent }) => sent));
            return predictor.predict(rows, options);
          },
        },
      },
      { now: () => new Date('2026-05-01T12:00:00Z') },
    );
    const {
      rows: [row = {}],
      ...about
    } = call(1);
    const identities = [{ rowTime: new Date('2026-02-01T00:00:00Z') }, {}];
    const stored = await dated({ ...about, rows: [row, row], identities });
    await dated(call(2));
    expect(seen).toEqual(['2026-02-01T00:00:00.000Z', '2026-05-01T12:00:00.000Z', '2026-05-01T12:00:00.000Z']);
    expect(stored.map(({ features }) => features)).toEqual([row, row]);
  });
});

describe('an idempotency key', () => {
  it('that stands twice in one moment is stored once and answered twice, alike', async () => {
    const answers = await Promise.all([call(1, 'key'), call(2), call(1, 'key'), call(1, 'key')].map(answer));
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[3]).toEqual(answers[0]);
    expect(await count()).toBe(2);
  });

  it('that stands in one moment for two bodies refuses one of them, and no other request', async () => {
    const outcomes = await Promise.allSettled([call(1, 'key'), call(2, 'key'), call(3), call(4, 'other')].map(answer));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'request_conflict' } });
    expect(await count()).toBe(3);
  });

  it('used at several servers in any order at once is stored once, and none waits forever', async () => {
    const servers = [server(), server(), server()];
    const keys = Array.from({ length: 40 }, (_, index) => index);
    const orders = [keys, [...keys].reverse(), keys.map((key) => (key * 7) % 40)];
    const answers = await Promise.all(
      servers.flatMap((ask, index) =>
        (orders[index] ?? []).map(async (key) => [key, (await ask(call(key, `key-${key}`)))[0]?.predictionId] as const),
      ),
    );
    const ids = new Map(keys.map((key) => [key, new Set(answers.filter(([one]) => one === key).map(([, id]) => id))]));
    for (const [key, different] of ids) expect([key, different.size]).toEqual([key, 1]);
    expect(await count()).toBe(40);
  });

  it('gets its first answer also when no model can predict any more', async () => {
    const first = await answer(call(1, 'key'));
    await world.database.query('begin; delete from promotions; commit');
    expect(await server()(call(1, 'key'))).toEqual(first);
    await expect(server()(call(2, 'new'))).rejects.toMatchObject({ code: 'champion_missing' });
    await addChampion(world, { k: 13 });
  });
});
