import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportPath, predictLineAnswer, routes } from '#api';
import { category, defineContract, number, text } from '#contracts';
import { addChampion, ask, createWorld, type World } from './world.ts';

const contract = defineContract({
  name: 'parcels',
  columns: {
    id: text({ role: 'id', coerce: ['trim'] }),
    weight: number({ min: 0, max: 50, coerce: ['trim', 'comma', 'clip'] }),
    size: category(['small', 'large'], { coerce: ['case'] }),
    outcome: category(['kept', 'broken'], { role: 'label' }),
  },
});
const rows = Array.from({ length: 40 }, (_, at) => ({
  ...{ weight: at % 50, size: at % 3 === 0 ? 'large' : 'small' },
  outcome: at % 2 === 0 ? 'kept' : 'broken',
}));
const sent = [
  { id: ' a ', weight: ' 1,5', size: 'SMALL' },
  { id: 'b', weight: 2, size: 'small' },
  { id: 'c', weight: '99,5', size: 'small' },
];
const counted = { id: { trim: 1 }, weight: { trim: 1, comma: 2, clip: 1 }, size: { case: 1 } };
const ofRows = [
  { id: { trim: 1 }, weight: { trim: 1, comma: 1 }, size: { case: 1 } },
  undefined,
  { weight: { comma: 1, clip: 1 } },
];

let world: World;
beforeAll(async () => {
  world = await createWorld({ contract });
  await addChampion(world, { contract, rows });
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate predictions, prediction_requests'));

const changesOf = (items: readonly { readonly coerced?: unknown }[]): unknown[] => items.map(({ coerced }) => coerced);

describe('rows that the contract allows to change', () => {
  it('are counted in the answer by column, and each prediction tells its own changes', async () => {
    const { status, json } = await ask(world, routes.predict, { body: sent });
    expect({ status, coerced: json.coerced, of: changesOf(json.predictions) }).toEqual({
      ...{ status: 200, coerced: counted, of: ofRows },
    });
    expect(json.predictions.map(({ features }: { features: unknown }) => features)).toEqual([
      { weight: 1.5, size: 'small' },
      { weight: 2, size: 'small' },
      { weight: 50, size: 'small' },
    ]);
  });

  it('are counted in the answer to a repeated request, and found again with the stored predictions', async () => {
    const question = { body: sent, headers: { 'idempotency-key': 'again' } };
    const { json } = await ask(world, routes.predict, question);
    expect((await ask(world, routes.predict, question)).json).toEqual(json);
    const { items } = (await ask(world, routes.pastPredictions, { query: { sort: 'made' } })).json;
    expect(changesOf(items)).toEqual(ofRows);
    const { predictionId } = items[2];
    const found = await ask(world, routes.pastPrediction, { params: { id: predictionId } });
    expect(found.json.coerced).toEqual(ofRows[2]);
  });

  it('are counted when nothing is stored, and of a large request that is stored in parts', async () => {
    const unstored = await ask(world, routes.predict, { body: sent, query: { store: 'false' } });
    expect(unstored.json.coerced).toEqual(counted);
    const many = Array.from({ length: 600 }, (_, at) => ({ weight: at % 2 === 0 ? '1,5' : 1.5, size: 'small' }));
    const { json } = await ask(world, routes.predict, { body: many });
    expect(json.coerced).toEqual({ weight: { comma: 300 } });
    expect(json.predictions[598].coerced).toEqual({ weight: { comma: 1 } });
  });

  it('leave no count where nothing was changed', async () => {
    const { json } = await ask(world, routes.predict, { body: sent[1] });
    expect(json).not.toHaveProperty('coerced');
    expect(json.predictions[0]).not.toHaveProperty('coerced');
    expect(await world.database.query('select coerced from predictions')).toEqual([{ coerced: null }]);
  });

  it('are counted in the other protocols as far as these allow', async () => {
    const invocations = await ask(world, routes.invocations, { body: { dataframe_records: sent } });
    expect(invocations.json.coerced).toEqual(counted);
    const tensor = (name: string, datatype: string, data: readonly unknown[]) => ({ name, datatype, shape: [1], data });
    const infer = await ask(world, routes.infer, {
      params: { name: 'parcels' },
      body: { inputs: [tensor('weight', 'BYTES', ['1,5']), tensor('size', 'BYTES', ['Small'])] },
    });
    expect(infer.json.parameters).toEqual({ 'coerced.weight.comma': 1, 'coerced.size.case': 1 });
  });

  it('tell their changes in an export', async () => {
    await ask(world, routes.predict, { body: sent[2] });
    const { body } = await world.server.inject({ url: exportPath('csv') });
    expect(body).toContain('"{""weight"": {""clip"": 1, ""comma"": 1}}"');
  });

  it('are counted by line and at the end of a stream', async () => {
    const { url } = await world.server.listen({ port: 0 });
    const answer = await fetch(`${url}${routes.predict.path}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/x-ndjson' } },
      body: sent.map((row) => `${JSON.stringify(row)}\n`).join(''),
    });
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => predictLineAnswer.parse(JSON.parse(line)));
    expect(lines.slice(0, 3)).toMatchObject(ofRows.map((coerced) => (coerced === undefined ? {} : { coerced })));
    expect(lines[3]).toMatchObject({ end: { isComplete: true, predicted: 3, coerced: counted } });
  });
});
