import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { storeLabels } from '#ml';
import { addModel, ask, createWorld, parcel, type World } from './world.ts';

let world: World;

const AT = [
  '2024-03-29T22:59:59.999999Z',
  '2024-03-29T23:00:00Z',
  '2024-03-31T00:30:00Z',
  '2024-03-31T21:59:59.999999Z',
  '2024-03-31T22:00:00Z',
  '2024-10-27T23:00:00.123456Z',
];

beforeAll(async () => {
  world = await createWorld();
  await addModel(world, { k: 3 });
  await addModel(world, { k: 5 });
  for (const [index, at] of AT.entries()) {
    await world.database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, probability, row_number)
       values ($1, $2, 1, $3, $4, '"kept"', 0.75, 0)`,
      [at, index === 0 ? 'letters' : 'parcels', index % 2 ? 'webapp' : 'scheduled', JSON.stringify({ index })],
    );
  }
});
afterAll(() => world.close());

const cursorOf = (text: string): string => Buffer.from(text).toString('base64url');

async function found(query: Record<string, string>): Promise<number[]> {
  const { status, json } = await ask(world, routes.pastPredictions, { query });
  expect(status, JSON.stringify(json)).toBe(200);
  return json.items.map(({ features }: { features: { index: number } }) => features.index);
}

describe('past predictions', () => {
  it('come newest first and carry everything they were made from', async () => {
    const { json } = await ask(world, routes.pastPredictions);
    expect(json.items).toHaveLength(6);
    expect(json.timezone).toBe('UTC');
    expect(json.total).toEqual({ count: 6, isExact: true });
    expect(json.items[0]).toEqual({
      predictionId: expect.any(String),
      at: '2024-10-27T23:00:00.123Z',
      source: 'webapp',
      modelVersion: 'parcels@1',
      features: { index: 5 },
      prediction: 'kept',
      probability: 0.75,
    });
  });

  it.each([
    ['a whole day in UTC', { from: '2024-03-31', to: '2024-03-31' }, [4, 3, 2]],
    ['a day of 23 hours in Paris', { from: '2024-03-31', to: '2024-03-31', timezone: 'Europe/Paris' }, [3, 2]],
    ['the day before it', { from: '2024-03-30', to: '2024-03-30', timezone: 'Europe/Paris' }, [1]],
    ['both ends included', { from: '2024-03-29', to: '2024-03-31', timezone: 'Europe/Paris' }, [3, 2, 1, 0]],
    ['a time as it was shown', { from: '2024-10-27T23:00:00.123Z', to: '2024-10-27T23:00:00.123Z' }, [5]],
    ['a time with an offset', { from: '2024-03-31T02:30:00+02:00', to: '2024-03-31T02:30:00+02:00' }, [2]],
    ['from alone', { from: '2024-10-01' }, [5]],
    ['to alone', { to: '2024-03-29' }, [1, 0]],
    ['a source', { source: 'scheduled' }, [4, 2, 0]],
    ['all sources', { source: 'all', to: '2024-03-29' }, [1, 0]],
    ['a model', { model: 'letters' }, [0]],
    ['a model version as answers write it', { model: 'parcels@1' }, [5, 4, 3, 2, 1]],
    ['a model version and a source', { model: 'parcels@1', source: 'webapp' }, [5, 3, 1]],
    ['a registered version that has predicted nothing', { model: 'parcels@2' }, []],
    ['the first day there is', { from: '0001-01-01', to: '9999-12-31' }, [5, 4, 3, 2, 1, 0]],
  ])('are found by %s', async (_, query, expected) => {
    expect(await found(query as Record<string, string>)).toEqual(expected);
  });

  it('come page by page, each once, though new ones arrive in between', async () => {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor === null ? {} : { cursor }) };
      const { json } = await ask(world, routes.pastPredictions, { query });
      seen.push(...json.items.map(({ features }: { features: { index: number } }) => features.index));
      cursor = json.nextCursor;
      await world.database.query(
        `insert into predictions (model, model_version, source, features, prediction, row_number) values ('new', 1, 'api', '{"index": 99}', '1', 0)`,
      );
    } while (cursor !== null);
    await world.database.query(`delete from predictions where model = 'new'`);
    expect(seen).toEqual([5, 4, 3, 2, 1, 0]);
  });
});

describe('past predictions of rows with an id', () => {
  const rowIds = async (query: Record<string, string>): Promise<unknown[]> => {
    const { json } = await ask(world, routes.pastPredictions, { query });
    return json.items.map(({ rowId }: { rowId?: string }) => rowId);
  };
  beforeAll(async () => {
    await world.database.query(
      `insert into predictions (model, model_version, source, features, prediction, row_number, row_id, row_time)
       select model, 1, 'api', '{}', '"kept"', 0, row_id, '2026-05-01T10:00:00.5Z'
         from (values ('parcels', 'a'), ('parcels', 'b'), ('parcels', 'a'), ('letters', 'a')) as given (model, row_id)`,
    );
  });
  afterAll(() => world.database.query('delete from predictions where row_id is not null'));

  it('are found by it, those of other models left out, and counted', async () => {
    const { json } = await ask(world, routes.pastPredictions, { query: { rowId: 'a', limit: '1' } });
    expect(json).toMatchObject({
      items: [{ rowId: 'a', rowTime: '2026-05-01T10:00:00.500Z', modelVersion: 'parcels@1' }],
      total: { count: 2, isExact: true },
    });
    const next = await ask(world, routes.pastPredictions, { query: { rowId: 'a', cursor: json.nextCursor } });
    expect(next.json).toMatchObject({ items: [{ rowId: 'a' }], nextCursor: null });
    expect(next.json).not.toHaveProperty('total');
    expect(await rowIds({ rowId: 'b' })).toEqual(['b']);
    expect(await rowIds({ rowId: "a' or true --" })).toEqual([]);
    // One row, however its number is written.
    await ask(world, routes.predict, { body: { ...parcel, id: 7 }, query: { version: '1' } });
    expect(await rowIds({ rowId: '07' })).toEqual(['7']);
  });

  it('are looked up by an index', async () => {
    const plan = await world.database.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(
        `explain select id from predictions where model = 'parcels' and row_id = 'a' order by at desc, id desc limit 50`,
      );
    });
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(
      /Index.* using predictions_\w+_model_row_id_at_idx/,
    );
  });

  it('say what really happened where a label is known', async () => {
    await storeLabels(world.database, {
      model: 'parcels',
      source: 'api',
      labels: [
        { rowId: 'a', value: 'kept', observedAt: new Date('2026-05-02T00:00:00Z') },
        { rowId: 'a', value: 'broken', observedAt: new Date('2026-05-03T00:00:00Z') },
      ],
    });
    const { json } = await ask(world, routes.pastPredictions, { query: { rowId: 'a' } });
    const known = { actual: 'broken', observedAt: '2026-05-03T00:00:00.000Z', isCorrect: false };
    expect(json.items).toMatchObject([known, known]);
    const other = await ask(world, routes.pastPredictions, { query: { rowId: 'b' } });
    expect(other.json.items[0]).not.toHaveProperty('actual');
  });
});

describe('past predictions by what they were made from and what became of them', () => {
  const names = async (query: Record<string, string>): Promise<string[]> => {
    const { status, json } = await ask(world, routes.pastPredictions, { query: { sort: 'made', ...query } });
    expect(status, JSON.stringify(json)).toBe(200);
    return json.items.map(({ rowId }: { rowId: string }) => rowId);
  };
  const rows: readonly (readonly [string, object, unknown])[] = [
    ['f1', { weight: 2, size: 'small', fragile: true, note: null }, 'kept'],
    ['f2', { weight: 2.5, size: 'large', fragile: false, note: 'a' }, 'broken'],
    ['f3', { weight: 10, size: 'small', fragile: null, note: '10' }, 'kept'],
    // What an earlier contract may have left.
    ['f4', { weight: 'heavy', size: 7 }, 12.5],
  ];
  beforeAll(async () => {
    for (const [rowId, features, prediction] of rows)
      await world.database.query(
        `insert into predictions (model, model_version, source, features, prediction, row_number, row_id, request)
         values ('parcels', 1, 'api', $2, $3, 0, $1, $4)`,
        [rowId, JSON.stringify(features), JSON.stringify(prediction), rowId === 'f2' ? 'key 2' : null],
      );
    const labels = [
      { rowId: 'f1', value: 'kept' },
      { rowId: 'f2', value: 'kept' },
    ];
    await storeLabels(world.database, { model: 'parcels', source: 'api', labels });
  });
  afterAll(() => world.database.query("delete from predictions where row_id like 'f%'"));

  it.each([
    ['a number', { 'feature.weight': '2.0' }, ['f1']],
    ['numbers from one on', { 'feature.weight.min': '2.5' }, ['f2', 'f3']],
    ['a range of numbers', { 'feature.weight.min': '2', 'feature.weight.max': '2.5' }, ['f1', 'f2']],
    ['a category', { 'feature.size': 'small' }, ['f1', 'f3']],
    ['one of several categories', { 'feature.size': ['small', 'large'] }, ['f1', 'f2', 'f3']],
    ['one of several values or none', { 'feature.fragile': ['true', ''] }, ['f1', 'f3', 'f4']],
    ['yes or no', { 'feature.fragile': 'true' }, ['f1']],
    ['a feature without a value', { 'feature.fragile': '' }, ['f3', 'f4']],
    ['a text that looks like a number', { 'feature.note': '10' }, ['f3']],
    ['two features', { 'feature.size': 'small', 'feature.weight.max': '5' }, ['f1']],
    ['the predicted class', { prediction: 'broken' }, ['f2']],
    ['a predicted number', { prediction: '12.50' }, ['f4']],
    ['a range of predicted numbers', { 'prediction.min': '12', 'prediction.max': '13' }, ['f4']],
    ['labels that came', { labelled: 'true' }, ['f1', 'f2']],
    ['labels that did not come', { labelled: 'false' }, ['f3', 'f4']],
    ['predictions that were right', { correct: 'true' }, ['f1']],
    ['predictions that were wrong', { correct: 'false' }, ['f2']],
    ['the request that made them', { request: 'key 2' }, ['f2']],
    ['a request that made none', { request: "key' or true --" }, []],
    [
      'model, source, feature and words',
      { model: 'parcels@1', source: 'api', 'feature.size': 'small', search: 'f3' },
      ['f3'],
    ],
  ])('are found by %s', async (_, query, expected) => {
    expect(await names({ from: '2026-01-01', ...(query as Record<string, string>) })).toEqual(expected);
  });

  it.each([
    ['a feature that the contract does not have', { 'feature.wieght': '2' }, 'Did you mean feature.weight?'],
    ['a column that is no feature', { 'feature.outcome': 'kept' }, 'weight, size, fragile, note'],
    ['a value of another kind', { 'feature.weight': 'heavy' }, 'of the kind number'],
    ['two bounds of one side', { 'feature.weight.min': ['1', '2'] }, 'or one bound of a range; got 2 of them'],
    ['a range of what has no order', { 'feature.size.min': 'a' }, 'Only numbers, days and times have a range'],
    ['another unknown field', { features: '2' }, 'features'],
    ['an exact total of all times', { total: 'exact' }, 'Expected from with total=exact'],
  ])('are refused for %s', async (_, query, message) => {
    const { status, json } = await ask(world, routes.pastPredictions, { query: query as Record<string, string> });
    expect({ status, code: json.code }).toEqual({ status: 400, code: 'request_invalid' });
    expect(json.detail).toContain(message);
  });

  it('are counted exactly for a period, and not at all when nobody asks', async () => {
    const query = { from: '2026-01-01', 'feature.size': 'small', limit: '1' };
    const exact = await ask(world, routes.pastPredictions, { query: { ...query, total: 'exact' } });
    expect(exact.json.total).toEqual({ count: 2, isExact: true });
    const none = await ask(world, routes.pastPredictions, { query: { ...query, total: 'none' } });
    expect(none.json).not.toHaveProperty('total');
  });
});

describe('the order and the search of past predictions', () => {
  const list = async (query: Record<string, string>) => (await ask(world, routes.pastPredictions, { query })).json;
  it('can be from the oldest on, with the same predictions', async () => {
    const newest = (await list({ limit: '500' })).items.map(
      ({ predictionId }: { predictionId: string }) => predictionId,
    );
    const oldest = await list({ limit: '2', sort: 'made' });
    const rest = await list({ limit: '500', sort: 'made', cursor: oldest.nextCursor });
    const ids = [...oldest.items, ...rest.items].map(({ predictionId }: { predictionId: string }) => predictionId);
    expect(ids).toEqual(newest.toReversed());
  });

  it('finds what a row, its prediction or its model contains', async () => {
    const all = (await list({ limit: '500' })).items;
    const [{ predictionId }] = all;
    expect((await list({ search: 'no such word' })).items).toEqual([]);
    expect((await list({ search: predictionId, limit: '500' })).items).toContainEqual(all[0]);
    const letters = all.filter(({ modelVersion }: { modelVersion: string }) => modelVersion.startsWith('letters@'));
    expect((await list({ search: 'LETTERS@', limit: '500' })).items).toEqual(letters);
    expect(letters).toHaveLength(1);
  });
});

describe('a model that does not exist', () => {
  it.each(['parcel', 'parcels@3', 'parcels@99999999999', 'parcels@', '@1', 'letters@2'])(
    'is refused instead of found empty: %s',
    async (model) => {
      const { status, json } = await ask(world, routes.pastPredictions, { query: { model } });
      expect({ status, code: json.code }).toEqual({ status: 404, code: 'model_unknown' });
      expect(json.detail).toContain(JSON.stringify(model));
    },
  );

  it('is looked up by an index, not among the predictions of all models', async () => {
    const plan = await world.database.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(
        `explain select id from predictions where model = 'parcels' and model_version = 2 order by at desc, id desc limit 50`,
      );
    });
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(
      /Index.* using predictions_\w+_model_model_version_at_id_idx/,
    );
  });
});

describe('a question that cannot be answered', () => {
  it.each([
    ['an unknown zone', { timezone: 'Mars/Olympus' }, 'timezone_unknown'],
    ['a cursor from elsewhere', { cursor: 'bm9uZQ' }, 'cursor_invalid'],
    ['a cursor with SQL', { cursor: "' or 1=1 --" }, 'cursor_invalid'],
    [
      'a cursor of a day that does not exist',
      { cursor: cursorOf('["-made","2024-02-31T00:00:00.000000Z","1"]') },
      'cursor_invalid',
    ],
    ['a date that does not exist', { from: '2023-02-29' }, 'request_invalid'],
    ['a time without a zone', { from: '2024-01-01T00:00:00' }, 'request_invalid'],
    ['a period that ends before it begins', { from: '2024-02-01', to: '2024-01-31' }, 'period_invalid'],
    ['an unknown source', { source: 'root' }, 'request_invalid'],
    ['a page too large', { limit: '501' }, 'request_invalid'],
    ['a NUL', { model: 'a\u0000b' }, 'request_invalid'],
  ])('is refused: %s', async (_, query, code) => {
    const { status, json } = await ask(world, routes.pastPredictions, { query: query as Record<string, string> });
    expect({ status, code: json.code }).toEqual({ status: code === 'request_invalid' ? 400 : 422, code });
  });
});
