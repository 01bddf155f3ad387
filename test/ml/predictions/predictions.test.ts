import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pastPredictions as pageSchema } from '#api';
import {
  type FeatureRow,
  type GivenLabel,
  type MlError,
  type PastQuery,
  pastPredictions,
  requestAnswer,
  type StoreRequest,
  storeLabels,
  storePredictions,
} from '#ml';
import type { Database } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate predictions, prediction_requests'));

function batch(rows: readonly FeatureRow[], options: Partial<StoreRequest> = {}): StoreRequest {
  const predictions = rows.map((_, index) => ({ value: index % 2 === 0 ? 'yes' : 'no', probability: 0.75 }));
  return { model: 'boats', version: 3, source: 'api', rows, predictions, ...options };
}
const rowsOf = (count: number): FeatureRow[] => Array.from({ length: count }, (_, index) => ({ length: index }));

async function codeOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return 'nothing refused';
  } catch (error) {
    // Every refusal of this part is an MlError; anything else has no code and fails the comparison.
    return (error as MlError).code;
  }
}

describe('storing predictions', () => {
  it('keeps the rows, what was said of them, by which model and for whom, in order', async () => {
    const rows = [
      { hull: 'wood', length: 1.5 },
      { hull: null, engine: true },
    ];
    const stored = await storePredictions(database, batch(rows, { source: 'webapp' }));
    expect(stored).toMatchObject([
      { source: 'webapp', modelVersion: 'boats@3', features: rows[0], prediction: 'yes', probability: 0.75 },
      { source: 'webapp', modelVersion: 'boats@3', features: rows[1], prediction: 'no', probability: 0.75 },
    ]);
    const page = await pastPredictions(database, { limit: 10 });
    expect(page.items).toEqual(stored.toReversed());
    expect(pageSchema.parse({ ...page, timezone: 'UTC' }).items).toEqual(page.items);
  });

  it('keeps numbers as numbers and leaves probability out for a regression', async () => {
    const [stored] = await storePredictions(database, batch([{ length: 1 }], { predictions: [{ value: 12.5 }] }));
    expect(stored).toMatchObject({ prediction: 12.5 });
    expect(stored?.probability).toBeUndefined();
    expect((await pastPredictions(database, { limit: 1 })).items).toEqual([stored]);
  });

  it('keeps the id and the time of each row that has them', async () => {
    const identities = [{ rowId: 'é "1"', rowTime: new Date('2026-05-01T10:00:00.123Z') }, {}, { rowId: '2' }];
    const stored = await storePredictions(database, batch(rowsOf(3), { identities }));
    expect(stored.map(({ rowId, rowTime }) => [rowId, rowTime])).toEqual([
      ['é "1"', '2026-05-01T10:00:00.123Z'],
      [undefined, undefined],
      ['2', undefined],
    ]);
    expect((await pastPredictions(database, { limit: 10 })).items).toEqual(stored.toReversed());
    const found = await pastPredictions(database, { limit: 10, row: { model: 'boats', id: '2' } });
    expect(found.items).toEqual([stored[2]]);
  });

  it('takes ids as long as the index has room for, and refuses longer ones', async () => {
    // Random, because the index compresses what repeats.
    const random = fc.sample(
      fc.string({ unit: fc.constantFrom(...'😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰😗'), minLength: 500, maxLength: 500 }),
      {
        numRuns: 1,
        seed: 7,
      },
    )[0];
    expect(await storePredictions(database, batch(rowsOf(1), { identities: [{ rowId: random }] }))).toHaveLength(1);
    for (const rowId of [`${random}x`, 'a\0'])
      expect(await codeOf(() => storePredictions(database, batch(rowsOf(1), { identities: [{ rowId }] })))).toBe(
        'prediction_unstorable',
      );
  });

  it('gives back any text that came in', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '\\', 'u0000', '\n', 'é', '😀', '{', '}', ',', "'", 'NULL', '\u2028'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (texts) => {
        await database.query('truncate predictions');
        const rows = texts.map((note) => ({ note }));
        await storePredictions(database, batch(rows));
        const { items } = await pastPredictions(database, { limit: 10 });
        expect(items.map(({ features }) => features).toReversed()).toEqual(rows);
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it.each(['a\0b', '\\\0', 'half \ud83d'])(
    'refuses text the database cannot keep, and stores nothing of the batch: %j',
    async (note) => {
      expect(await codeOf(() => storePredictions(database, batch([{ note: 'fine' }, { note }])))).toBe(
        'prediction_unstorable',
      );
      expect((await pastPredictions(database, { limit: 10 })).items).toEqual([]);
    },
  );

  it('refuses rows without predictions, numbers that are none, and a request without its digest', async () => {
    expect(await codeOf(async () => storePredictions(database, batch(rowsOf(2), { predictions: [] })))).toBe(
      'prediction_unstorable',
    );
    const predictions = [{ value: Number.NaN }];
    expect(await codeOf(async () => storePredictions(database, batch(rowsOf(1), { predictions })))).toBe(
      'prediction_unstorable',
    );
    expect(await codeOf(async () => storePredictions(database, batch(rowsOf(1), { request: 'r' })))).toBe(
      'prediction_unstorable',
    );
  });

  it('takes ten thousand rows at once, all at one time', async () => {
    const stored = await storePredictions(database, batch(rowsOf(10_000)));
    expect(stored.map(({ features }) => features.length)).toEqual(rowsOf(10_000).map(({ length }) => length));
    expect(new Set(stored.map(({ at }) => at)).size).toBe(1);
  });
});

describe('a request', () => {
  const request = { request: 'key-1', bodyDigest: 'd1' };

  it('stores once and gives the same answer again', async () => {
    const first = await storePredictions(database, batch(rowsOf(3), request));
    expect(await storePredictions(database, batch(rowsOf(3), request))).toEqual(first);
    expect(await requestAnswer(database, 'key-1')).toEqual({ bodyDigest: 'd1', predictions: first });
    expect(await requestAnswer(database, 'key-2')).toBeUndefined();
    expect((await pastPredictions(database, { limit: 100 })).items).toHaveLength(3);
  });

  it('is refused for another body', async () => {
    await storePredictions(database, batch(rowsOf(1), request));
    const other = { ...request, bodyDigest: 'd2' };
    expect(await codeOf(() => storePredictions(database, batch(rowsOf(1), other)))).toBe('request_conflict');
  });

  it('stores once when many send it at the same moment', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => storePredictions(database, batch(rowsOf(5), request))),
    );
    for (const answer of all) expect(answer).toEqual(all[0]);
    expect((await pastPredictions(database, { limit: 100 })).items).toHaveLength(5);
  });

  it('can be sent again when the first attempt failed', async () => {
    // A model version beyond integer makes the database refuse the rows after the key was written.
    await expect(storePredictions(database, batch(rowsOf(1), { ...request, version: 2 ** 40 }))).rejects.toThrow();
    expect(await requestAnswer(database, 'key-1')).toBeUndefined();
    expect(await storePredictions(database, batch(rowsOf(1), request))).toHaveLength(1);
  });
});

describe('what really happened', () => {
  const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
  const label = (labels: readonly GivenLabel[]) => storeLabels(database, { model: 'boats', source: 'api', labels });
  beforeEach(() => database.query('truncate labels'));

  it('comes with predictions: the newest label of the row, or of the prediction', async () => {
    const identities = [{ rowId: 'a' }, { rowId: 'b' }, {}, {}];
    const stored = await storePredictions(database, batch(rowsOf(4), { identities }));
    await label([
      { rowId: 'a', value: 'yes', observedAt: day(2) },
      { rowId: 'a', value: 'no', observedAt: day(1) },
      { predictionId: stored[1]?.predictionId, value: 'yes', observedAt: day(1) },
      { predictionId: stored[2]?.predictionId, value: 'yes', observedAt: day(1) },
    ]);
    const { items } = await pastPredictions(database, { limit: 10 });
    expect(items.toReversed().map(({ prediction, actual, isCorrect }) => [prediction, actual, isCorrect])).toEqual([
      ['yes', 'yes', true],
      ['no', 'yes', false],
      ['yes', 'yes', true],
      ['no', undefined, undefined],
    ]);
    expect(items.at(-1)).toMatchObject({ observedAt: day(2).toISOString() });
    expect(items[0]).not.toHaveProperty('actual');
  });

  it('is compared as the class that a label is called by', async () => {
    const [one] = await storePredictions(database, batch(rowsOf(1), { predictions: [{ value: 'true' }] }));
    await label([{ predictionId: one?.predictionId, value: true }]);
    expect((await pastPredictions(database, { limit: 1 })).items).toMatchObject([{ actual: 'true', isCorrect: true }]);
  });

  it('is an error for a number: the predicted minus the actual one', async () => {
    const [one] = await storePredictions(database, batch(rowsOf(1), { predictions: [{ value: 12.5 }] }));
    await label([{ predictionId: one?.predictionId, value: 10 }]);
    const [item] = (await pastPredictions(database, { limit: 1 })).items;
    expect(item).toMatchObject({ actual: 10, error: 2.5 });
    expect(item).not.toHaveProperty('isCorrect');
  });
});

describe('past predictions', () => {
  it('are counted on the first page, beyond ten thousand by an estimate that says so', async () => {
    await storePredictions(database, batch(rowsOf(3), { source: 'webapp' }));
    expect((await pastPredictions(database, { limit: 1 })).total).toEqual({ count: 3, isExact: true });
    await database.query(
      `insert into predictions (model, model_version, source, features, prediction, row_number)
       select 'boats', 1, 'api', '{}', '1', 0 from generate_series(1, 10001)`,
    );
    await database.query('analyze predictions');
    const { total } = await pastPredictions(database, { limit: 1 });
    expect(total?.isExact).toBe(false);
    expect(total?.count).toBeGreaterThan(10_000);
    expect((await pastPredictions(database, { limit: 1, source: 'webapp' })).total?.count).toBe(3);
  });

  it('are looked through in bounded steps for a feature, each page saying how far', async () => {
    await database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, row_number)
       select timestamptz '2026-01-01Z' + n * interval '1 second', 'boats', 1, 'api', jsonb_build_object('length', n), '1', 0
         from generate_series(1, 20010) as n`,
    );
    await database.query('analyze predictions');
    const features = [{ column: 'length', is: 'equal', value: 5 }] as const;
    const first = await pastPredictions(database, { limit: 10, features });
    expect(first).toMatchObject({
      items: [],
      nextCursor: expect.any(String),
      lookedThrough: { rows: 20_000, to: '2026-01-01T00:00:11.000000Z' },
      total: { count: 0, isExact: false },
    });
    const second = await pastPredictions(database, { limit: 10, features, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ items: [{ features: { length: 5 } }], nextCursor: null });
    expect(second).not.toHaveProperty('lookedThrough');
    const counted = await pastPredictions(database, { limit: 10, features, total: 'exact' });
    expect(counted.total).toEqual({ count: 1, isExact: true });
  });

  async function pages(query: Omit<PastQuery, 'cursor'>): Promise<string[][]> {
    const all: string[][] = [];
    let cursor: string | null = null;
    do {
      const page = await pastPredictions(database, { ...query, ...(cursor === null ? {} : { cursor }) });
      all.push(page.items.map(({ predictionId }) => predictionId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  }

  it('come in pages, newest first, each row once, whatever the page size', async () => {
    const stored = await storePredictions(database, batch(rowsOf(7)));
    // Microseconds apart, within one millisecond, and two at the very same time.
    await database.query(
      `update predictions set at = timestamptz '2026-01-01 00:00:00.123456Z' + row_number / 2 * interval '1 microsecond'`,
    );
    const newest = stored.map(({ predictionId }) => predictionId).toReversed();
    for (const limit of [1, 2, 3, 7, 100]) {
      const all = await pages({ limit });
      expect(all.flat()).toEqual(newest);
      expect(all.every((page) => page.length > 0)).toBe(true);
    }
  });

  it('do not shift when rows arrive between two pages', async () => {
    await storePredictions(database, batch(rowsOf(4)));
    const first = await pastPredictions(database, { limit: 2 });
    await storePredictions(database, batch(rowsOf(4)));
    const second = await pastPredictions(database, { limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ features }) => features.length)).toEqual([3, 2, 1, 0]);
    expect(second.nextCursor).toBeNull();
  });

  it('are chosen by source, model and time, the end excluded', async () => {
    await storePredictions(database, batch([{ n: 1 }], { source: 'webapp' }));
    await storePredictions(database, batch([{ n: 2 }], { source: 'scheduled', model: 'ships' }));
    await database.query(
      `update predictions set at = timestamptz '2026-01-01Z' + ((features ->> 'n')::int - 1) * interval '1 day'`,
    );
    const numbers = async (query: Partial<PastQuery>) =>
      (await pastPredictions(database, { limit: 10, ...query })).items.map(({ features }) => features.n);
    expect(await numbers({ source: 'webapp' })).toEqual([1]);
    expect(await numbers({ source: 'api' })).toEqual([]);
    expect(await numbers({ model: 'ships' })).toEqual([2]);
    const [first, second] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];
    expect(await numbers({ from: first })).toEqual([2, 1]);
    expect(await numbers({ from: first, toExclusive: second })).toEqual([1]);
    expect(await numbers({ from: second })).toEqual([2]);
    expect(await numbers({ from: first, model: 'ships', source: 'webapp' })).toEqual([]);
  });

  it.each([
    '',
    'x',
    'MjAyNg',
    Buffer.from(`["-made","2026-01-01T00:00:00.000000Z","1' or true"]`).toString('base64url'),
  ])('refuse a cursor that is none: %j', async (cursor) => {
    expect(await codeOf(() => pastPredictions(database, { limit: 1, cursor }))).toBe('cursor_invalid');
  });
});
