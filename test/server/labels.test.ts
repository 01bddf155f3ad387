import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate labels, predictions'));

const send = async (body: unknown, headers: Record<string, string> = {}) => {
  const answer = await world.server.inject({
    ...{ method: 'POST', url: routes.sendLabels.path, payload: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.statusCode, json: answer.json() };
};
const list = async (query = '') => (await world.server.inject(`${routes.labels.path}${query}`)).json();

describe('labels over HTTP', () => {
  it('are added once, and corrected by another value that keeps the first one', async () => {
    const labels = [
      { rowId: '1', value: 'kept', observedAt: '2026-01-01' },
      { rowId: 2, value: 'broken', observedAt: '2026-01-02T10:00:00+02:00' },
    ];
    expect(await send(labels)).toEqual({ status: 200, json: { added: 2, corrected: 0, unchanged: 0 } });
    expect((await send(labels)).json).toEqual({ added: 0, corrected: 0, unchanged: 2 });
    expect((await send({ rowId: '01', value: 'broken' }, { 'x-weir-source': 'webapp' })).json).toMatchObject({
      corrected: 1,
    });
    expect((await list('?rowId=1')).items).toMatchObject([
      { rowId: '1', value: 'broken', source: 'webapp', isCurrent: true },
      { rowId: '1', value: 'kept', source: 'api', observedAt: '2026-01-01T00:00:00.000Z', isCurrent: false },
    ]);
    expect((await list('?rowId=02')).items).toMatchObject([{ rowId: '2', observedAt: '2026-01-02T08:00:00.000Z' }]);
  });

  it('by a prediction count for the row that it was made for', async () => {
    const [prediction] = await world.database.query<{ id: string }>(
      `insert into predictions (model, model_version, source, features, prediction, row_number, row_id)
       values ('parcels', 1, 'api', '{}', '"kept"', 0, '7') returning id::text`,
    );
    expect((await send({ predictionId: prediction?.id, value: 'broken' })).json).toMatchObject({ added: 1 });
    expect((await list()).items).toMatchObject([{ rowId: '7', predictionId: null, value: 'broken' }]);
    const unknown = await send({ predictionId: '999999', value: 'kept' });
    expect(unknown).toMatchObject({ status: 404, json: { code: 'prediction_unknown' } });
  });

  it('come a page at a time, newest first', async () => {
    await send(Array.from({ length: 5 }, (_, index) => ({ rowId: index, value: 'kept' })));
    const first = await list('?limit=3');
    const second = await list(`?limit=3&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map(({ rowId }: { rowId: string }) => rowId);
    expect(ids).toEqual(['4', '3', '2', '1', '0']);
    expect(second.nextCursor).toBeNull();
    expect(await list('?cursor=x')).toMatchObject({ code: 'cursor_invalid' });
  });

  it.each([
    ['another value than the contract has', { rowId: '1', value: 'lost' }, 'value', 'one of "kept", "broken"'],
    ['no value', { rowId: '1' }, 'value', 'one of "kept", "broken"'],
    ['an id of another kind', { rowId: 'x', value: 'kept' }, 'rowId', 'a whole number or null'],
    ['no id', { value: 'kept' }, 'rowId', 'either rowId or predictionId'],
    ['two ids', { rowId: '1', predictionId: '1', value: 'kept' }, 'rowId', 'either rowId or predictionId'],
    ['a prediction that is no number', { predictionId: '-1', value: 'kept' }, 'predictionId', 'the form'],
    ['no moment', { rowId: '1', value: 'kept', observedAt: 'today' }, 'observedAt', 'a date and time'],
    ['a field that labels do not have', { rowId: '1', value: 'kept', colour: 1 }, 'colour', 'no such field'],
    ['no object', 7, '', 'an object'],
  ])('with %s are refused by their position, and none is stored', async (_, wrong, field, expected) => {
    const { status, json } = await send([{ rowId: '5', value: 'kept' }, wrong]);
    expect({ status, code: json.code }).toEqual({ status: 422, code: 'labels_refused' });
    expect(json.problems).toEqual([
      { row: 1, field, expected: expect.stringContaining(expected), got: expect.any(String) },
    ]);
    expect(json.detail).toContain('Label 1');
    expect((await list()).items).toEqual([]);
  });

  it('are refused as an empty list', async () => {
    expect(await send([])).toMatchObject({ status: 422, json: { detail: expect.stringContaining('an empty list') } });
  });
});
