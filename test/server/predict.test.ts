import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { deferred } from '../deferred.ts';
import { addChampion, addModel, ask, createWorld, parcel, type Question, type Told, type World } from './world.ts';

let world: World;
let champion: number;

beforeAll(async () => {
  world = await createWorld({ limits: { predictionRows: 3000, problemsListed: 10, bodyBytes: 1024 * 1024 } });
  champion = await addChampion(world);
});
afterAll(() => world.close());
beforeEach(() => world.database.query('delete from predictions'));

const predict = (question: Question): Promise<Told> => ask(world, routes.predict, question);
const stored = async (): Promise<number> => {
  const [row] = await world.database.query<{ count: number }>('select count(*)::int as count from predictions');
  return row?.count ?? -1;
};

describe('predicting', () => {
  it('answers one row with the champion, and keeps what was asked and answered', async () => {
    const { status, json } = await predict({ body: parcel, headers: { 'x-weir-source': 'webapp' } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      modelVersion: `parcels@${champion}`,
      predictions: [
        {
          source: 'webapp',
          modelVersion: `parcels@${champion}`,
          features: { weight: 2, size: 'small', fragile: false, note: null },
          prediction: 'kept',
        },
      ],
    });
    const [row] = await world.database.query('select * from predictions');
    expect(row).toMatchObject({
      id: json.predictions[0].predictionId,
      model: 'parcels',
      model_version: champion,
      source: 'webapp',
      features: { weight: 2, size: 'small', fragile: false, note: null },
      prediction: 'kept',
    });
  });

  it('stores the id of the row beside its features, and leaves out a label that comes along', async () => {
    const { json } = await predict({ body: [{ ...parcel, id: 7, outcome: 'broken' }, parcel] });
    expect(json.predictions).toMatchObject([{ rowId: '7' }, {}]);
    expect(json.predictions[1]).not.toHaveProperty('rowId');
    expect(Object.keys(json.predictions[0].features).sort()).toEqual(['fragile', 'note', 'size', 'weight']);
    expect(await world.database.query('select row_id, row_time from predictions order by id')).toEqual([
      { row_id: '7', row_time: null },
      { row_id: null, row_time: null },
    ]);
  });

  it.each([
    ['a number that is not whole', 7.5, '7.5'],
    ['a text', '7', '"7"'],
  ])('refuses an id that breaks the contract: %s', async (_, id, got) => {
    const { status, json } = await predict({ body: [parcel, { ...parcel, id }] });
    expect(status).toBe(422);
    expect(json.problems).toEqual([{ row: 1, field: 'id', expected: 'a whole number or null', got }]);
    expect(await stored()).toBe(0);
  });

  it('answers many rows in their order', async () => {
    const weights = Array.from({ length: 1200 }, (_, index) => (index * 7) % 40);
    const { json } = await predict({ body: weights.map((weight) => ({ ...parcel, weight })) });
    expect(json.predictions.map(({ features }: { features: { weight: number } }) => features.weight)).toEqual(weights);
    expect(new Set(json.predictions.map(({ predictionId }: { predictionId: string }) => predictionId)).size).toBe(1200);
    expect(await stored()).toBe(1200);
  });

  it('answers with the version named, and names one that is not there', async () => {
    const other = await addModel(world, { k: 7 });
    expect((await predict({ body: parcel, query: { version: String(other) } })).json.modelVersion).toBe(
      `parcels@${other}`,
    );
    const missing = await predict({ body: parcel, query: { version: '999' } });
    expect(missing).toMatchObject({ status: 404, json: { code: 'model_unknown' } });
    expect(await stored()).toBe(1);
  });

  it('follows a promotion from the next request on', async () => {
    const before = (await predict({ body: parcel })).json.modelVersion;
    const promoted = await addChampion(world, { k: 9 });
    expect((await predict({ body: parcel })).json.modelVersion).toBe(`parcels@${promoted}`);
    expect(before).not.toBe(`parcels@${promoted}`);
  });

  it('gives each of many requests at the same moment its own rows', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        predict({
          body: { ...parcel, weight: index / 10 },
          headers: { 'x-weir-source': index % 2 ? 'api' : 'webapp' },
        }),
      ),
    );
    answers.forEach(({ json }, index) => {
      expect(json.predictions).toHaveLength(1);
      expect(json.predictions[0].features.weight).toBe(index / 10);
      expect(json.predictions[0].source).toBe(index % 2 ? 'api' : 'webapp');
    });
    expect(await stored()).toBe(300);
  });
});

describe('a row that does not keep the contract', () => {
  const refused: [string, unknown, object][] = [
    ['out of range', { ...parcel, weight: 51 }, { row: 0, field: 'weight', got: '51' }],
    ['an unknown category', { ...parcel, size: 'huge' }, { row: 0, field: 'size', got: '"huge"' }],
    ['a text where a number belongs', { ...parcel, weight: '2' }, { row: 0, field: 'weight', got: '"2"' }],
    ['a missing value', { size: 'small' }, { row: 0, field: 'weight' }],
    ['null where a value is needed', { ...parcel, weight: null }, { row: 0, field: 'weight' }],
    ['a column nobody knows', { ...parcel, wieght: 3 }, { row: 0, field: 'wieght' }],
    ['the second of two', [parcel, { ...parcel, weight: -1 }], { row: 1, field: 'weight', got: '-1' }],
    ['no object', [parcel, 'parcel'], { row: 1, field: '' }],
    ['a list in a list', [[parcel]], { row: 0, field: '', got: 'a list' }],
    ['a structure in a cell', { ...parcel, note: { a: 1 } }, { row: 0, field: 'note', got: 'an object' }],
    ['a NUL in a text', { ...parcel, note: 'a\u0000b' }, { row: 0, field: 'note' }],
    ['half a surrogate pair in a text', { ...parcel, note: 'a\ud800b' }, { row: 0, field: 'note' }],
    ['a NUL in a name', { ...parcel, 'a\u0000': 1 }, { row: 0 }],
    ['an empty list', [], { row: 0 }],
    ['nothing', null, { row: 0, field: '' }],
  ];
  it.each(refused)('is refused with row and field: %s', async (_, body, problem) => {
    const { status, json } = await predict({ body });
    expect({ status, code: json.code }).toEqual({ status: 422, code: 'rows_invalid' });
    expect(json.problems[0]).toMatchObject(problem);
    expect(await stored()).toBe(0);
  });

  it('is listed up to a bound, and counted beyond it', async () => {
    const { json } = await predict({ body: Array.from({ length: 37 }, () => ({ ...parcel, weight: 99 })) });
    expect(json.problems).toHaveLength(10);
    expect(json.detail).toContain('37');
  });

  it('keeps the good rows beside it from being stored', async () => {
    expect((await predict({ body: [parcel, parcel, { ...parcel, weight: 1e9 }] })).status).toBe(422);
    expect(await stored()).toBe(0);
  });

  it('fails alone among requests of the same moment', async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => (index === 20 ? { ...parcel, weight: 'x' } : parcel));
    const answers = await Promise.all(bodies.map((body) => predict({ body })));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map((_, index) => (index === 20 ? 422 : 200)));
    expect(await stored()).toBe(39);
  });
});

describe('a body made to harm', () => {
  const lists = '['.repeat(100_000) + ']'.repeat(100_000);
  const hostile: [string, string, number][] = [
    ['no JSON', '{"weight": ', 400],
    ['a prototype as key', '{"weight":2,"size":"small","__proto__":{"polluted":true}}', 400],
    ['a constructor as key', '{"weight":2,"size":"small","constructor":{"prototype":{"polluted":true}}}', 400],
    ['a hundred thousand lists in each other', lists, 400],
    ['a number that is none', '{"weight":1e999,"size":"small"}', 422],
    ['a body beyond the limit', JSON.stringify({ ...parcel, note: 'x'.repeat(1024 * 1024) }), 413],
  ];
  it.each(hostile)('is refused: %s', async (_, payload, status) => {
    const told = await predict({ payload });
    expect(told.status).toBe(status);
    expect(told.text).not.toMatch(/node_modules|\.ts:|select |insert /i);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(await stored()).toBe(0);
  });

  it('is refused when it has more rows than are taken', async () => {
    const told = await predict({ payload: `[${Array.from({ length: 3001 }, () => '{}').join()}]` });
    expect(told).toMatchObject({ status: 422, json: { detail: expect.stringContaining('3001') } });
  });

  it('is refused when it is no JSON by its type', async () => {
    const told = await predict({ payload: JSON.stringify(parcel), headers: { 'content-type': 'text/plain' } });
    expect(told).toMatchObject({ status: 415, json: { code: 'media_type_unsupported' } });
  });

  it('cannot name a version that no model can have', async () => {
    for (const version of ['99999999999', '0', '-1', '1.5', 'x', '1e400']) {
      expect((await predict({ body: parcel, query: { version } })).status, version).toBe(400);
    }
  });

  it('is refused while too many rows are in progress, and taken again afterwards', async () => {
    const gate = deferred<void>();
    const busy = await createWorld({
      limits: { predictionRowsAtOnce: 3 },
      predictor: {
        explain: async () => [],
        predict: async (rows) => {
          await gate.promise;
          return { model: 'parcels', version: 1, predictions: rows.map(() => ({ value: 'kept' })) };
        },
      },
    });
    const first = ask(busy, routes.predict, { body: [parcel, parcel] });
    const second = await ask(busy, routes.predict, { body: [parcel, parcel] });
    expect(second).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    gate.resolve();
    expect((await first).status).toBe(200);
    expect((await ask(busy, routes.predict, { body: [parcel, parcel] })).status).toBe(200);
    await busy.close();
  });

  it('cannot name a source that does not exist', async () => {
    const told = await predict({ body: parcel, headers: { 'x-weir-source': 'root' } });
    expect(told).toMatchObject({ status: 400, json: { code: 'request_invalid' } });
  });
});

describe('an idempotency key', () => {
  it('gives the same answer again and stores nothing twice, though the champion changed', async () => {
    const question = { body: [parcel, { ...parcel, weight: 30 }], headers: { 'idempotency-key': 'again' } };
    const first = await predict(question);
    await addChampion(world, { k: 11 });
    const second = await predict(question);
    expect(first.status).toBe(200);
    expect(second.json).toEqual(first.json);
    expect(await stored()).toBe(2);
  });

  it('stores once when sent many times at the same moment', async () => {
    const question = { body: parcel, headers: { 'idempotency-key': 'crowd' } };
    const answers = await Promise.all(Array.from({ length: 20 }, () => predict(question)));
    for (const { status, json } of answers) {
      expect(status).toBe(200);
      expect(json).toEqual(answers[0]?.json);
    }
    expect(await stored()).toBe(1);
  });

  it.each([
    ['other rows', { body: { ...parcel, weight: 3 } }],
    ['the same features of a row with an id', { body: { ...parcel, id: 1 } }],
    ['another source', { body: parcel, headers: { 'x-weir-source': 'webapp' } }],
    ['a named version', { body: parcel, query: { version: '1' } }],
  ])('is refused for %s', async (_, other) => {
    const key = { 'idempotency-key': 'taken' };
    await predict({ body: parcel, headers: key });
    const told = await predict({ ...other, headers: { ...key, ...('headers' in other ? other.headers : {}) } });
    expect(told).toMatchObject({ status: 409, json: { code: 'request_conflict' } });
  });
});

describe('without a champion', () => {
  it('says so, and what to do', async () => {
    const empty = await createWorld();
    const told = await ask(empty, routes.predict, { body: parcel });
    expect(told).toMatchObject({ status: 503, json: { code: 'champion_missing' } });
    expect(told.json.detail).toMatch(/train/);
    expect((await ask(empty, routes.ready)).status).toBe(503);
    expect(await ask(empty, routes.health)).toMatchObject({ status: 200, json: { status: 'starting' } });
    await empty.close();
  });
});
