import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MadePrediction, routes } from '#api';
import { promote } from '#ml';
import { addChampion, addModel, ask, createWorld, parcel, type Question, type Told, type World } from './world.ts';

let world: World;
let champion: number;
let challenger: number;

beforeAll(async () => {
  world = await createWorld({ limits: { explainedRows: 3 } });
  champion = await addChampion(world);
  challenger = await addModel(world, { k: 9 });
  const about = { model: 'parcels', actor: 'test', reason: 'test' };
  await promote(world.database, { ...about, version: challenger, alias: 'challenger' });
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate predictions, prediction_requests'));

const predict = (question: Question): Promise<Told> => ask(world, routes.predict, question);
const stored = () =>
  world.database.query('select probability, probabilities, latency_ms as latency from predictions order by id');

describe('a stored prediction', () => {
  it('has the probability of every class, and how long it took', async () => {
    const { json } = await predict({ body: [parcel, { ...parcel, weight: 18 }] });
    const rows = await stored();
    json.predictions.forEach(({ prediction, probability, probabilities, latencyMs }: MadePrediction, index: number) => {
      expect(Object.keys(probabilities ?? {}).sort()).toEqual(['broken', 'kept']);
      expect(Object.values(probabilities ?? {}).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
      expect(probabilities?.[prediction]).toBe(probability);
      expect(latencyMs).toBeGreaterThan(0);
      expect(rows[index]).toEqual({ probability, probabilities, latency: latencyMs });
    });
  });

  it('is repeated with the probabilities and the latency of its first answer', async () => {
    const question = { body: parcel, headers: { 'idempotency-key': 'again' } };
    const { json } = await predict(question);
    expect((await predict(question)).json).toEqual(json);
    expect((await ask(world, routes.pastPredictions)).json.items).toEqual(json.predictions);
  });
});

describe('the version of a prediction', () => {
  it.each([
    ['champion', () => champion],
    ['challenger', () => challenger],
    ['parcels@champion', () => champion],
    ['parcels@challenger', () => challenger],
    ['parcels@2', () => 2],
  ])('is named as %s', async (version, expected) => {
    const { status, json } = await predict({ body: parcel, query: { version } });
    expect({ status, version: json.modelVersion }).toEqual({ status: 200, version: `parcels@${expected()}` });
  });

  it.each([
    ['of another model', 'letters@1', 404],
    ['that does not exist', 'parcels@77', 404],
    ['that is no version', 'newest', 400],
    ['whose number is none', 'parcels@x', 400],
  ])('%s is refused', async (_, version, status) => {
    expect((await predict({ body: parcel, query: { version } })).status).toBe(status);
    expect(await stored()).toEqual([]);
  });

  it('gives a repeated request its first answer, though another became challenger', async () => {
    const question = { body: parcel, query: { version: 'challenger' }, headers: { 'idempotency-key': 'moved' } };
    const { json } = await predict(question);
    const about = { model: 'parcels', actor: 'test', reason: 'test', alias: 'challenger' as const };
    await promote(world.database, { ...about, version: champion });
    expect((await predict(question)).json).toEqual(json);
    await promote(world.database, { ...about, version: challenger });
  });
});

describe('a prediction that is not stored', () => {
  it('is the same without an id, and leaves nothing behind', async () => {
    const body = { ...parcel, id: 7 };
    const { json } = await predict({ body, query: { store: 'false' } });
    expect(await stored()).toEqual([]);
    const kept = await predict({ body });
    expect(json).toMatchObject({ isStored: false, modelVersion: `parcels@${champion}` });
    expect(kept.json.isStored).toBe(true);
    const { predictionId: _, at: __, latencyMs: ___, ...same } = kept.json.predictions[0];
    expect(json.predictions).toEqual([{ ...same, latencyMs: expect.any(Number) }]);
  });

  it('has no idempotency key', async () => {
    const headers = { 'idempotency-key': 'none' };
    const { status, json } = await predict({ body: parcel, query: { store: 'false' }, headers });
    expect({ status, code: json.code }).toEqual({ status: 400, code: 'request_invalid' });
  });
});

describe('an explained prediction', () => {
  it('says what each column of the model adds to the probability of its class', async () => {
    const { json } = await predict({ body: [parcel, { ...parcel, weight: 18 }], query: { explain: 'true' } });
    for (const { explanation, prediction, probability } of json.predictions) {
      expect(Object.keys(explanation.contributions)).toEqual(['weight', 'size', 'fragile']);
      expect(explanation).toMatchObject({ of: 'probability', class: prediction, isExact: false });
      const sum = Object.values<number>(explanation.contributions).reduce((total, each) => total + each, 0);
      expect(explanation.base + sum).toBeCloseTo(probability, 9);
    }
    expect((await stored()).length).toBe(2);
  });

  it('is explained also when its request is repeated, by the version that made it', async () => {
    const question = { body: parcel, query: { explain: 'true' }, headers: { 'idempotency-key': 'why' } };
    const { json } = await predict(question);
    expect((await predict(question)).json).toEqual(json);
  });

  it('is refused beyond the rows that are explained at once', async () => {
    const { status, json } = await predict({ body: Array(4).fill(parcel), query: { explain: 'true' } });
    expect({ status, code: json.code }).toEqual({ status: 400, code: 'request_invalid' });
    expect(await stored()).toEqual([]);
  });
});
