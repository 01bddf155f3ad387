import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addChampion, addModel, createWorld, parcel, type World } from './world.ts';

let world: World;
let champion: number;

beforeAll(async () => {
  world = await createWorld();
  champion = await addChampion(world);
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate predictions, prediction_requests'));

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(url: string, { body, headers = {} }: Sent = {}) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await world.server.inject({
    ...(body === undefined ? { method: 'GET' } : { method: 'POST', payload }),
    url,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  return { status: answer.statusCode, text: answer.body, json: isJson ? answer.json() : undefined };
}
const stored = () => world.database.query('select source, features, prediction, row_id from predictions order by id');

const INPUTS = [
  { name: 'weight', datatype: 'FP64', shape: [2], data: [2, 39] },
  { name: 'size', datatype: 'BYTES', shape: [2, 1], data: [['small'], ['large']] },
  { name: 'fragile', datatype: 'BOOL', shape: [2], data: [false, true] },
  { name: 'id', datatype: 'INT64', shape: [2], data: [7, 8] },
];

describe('the Open Inference Protocol', () => {
  it('says that the server lives, and that the model is ready', async () => {
    for (const url of ['/v2/health/live', '/v2/health/ready', '/v2/models/parcels/ready'])
      expect((await send(url)).status, url).toBe(200);
    expect((await send('/v2')).json).toMatchObject({ name: 'weir', extensions: [] });
    const empty = await createWorld();
    const answer = await empty.server.inject({ url: '/v2/health/ready' });
    await empty.close();
    expect(answer.statusCode).toBe(503);
  });

  it('describes the columns of the contract as inputs', async () => {
    const { json } = await send('/v2/models/parcels');
    expect(json).toMatchObject({
      name: 'parcels',
      platform: 'weir',
      versions: expect.arrayContaining([String(champion)]),
    });
    expect(json.inputs).toContainEqual({ name: 'weight', datatype: 'FP64', shape: [-1] });
    expect(json.inputs).toContainEqual({ name: 'fragile', datatype: 'BOOL', shape: [-1] });
  });

  it('predicts tensors by column, and stores the predictions', async () => {
    const { status, json } = await send('/v2/models/parcels/infer', { body: { id: 'a', inputs: INPUTS } });
    expect({ status, ...json }).toMatchObject({
      ...{ status: 200, model_name: 'parcels', model_version: String(champion), id: 'a' },
      outputs: expect.arrayContaining([
        { name: 'prediction', datatype: 'BYTES', shape: [2], data: ['kept', 'broken'] },
        { name: 'probability', datatype: 'FP64', shape: [2], data: [expect.any(Number), expect.any(Number)] },
      ]),
    });
    expect(await stored()).toMatchObject([
      { source: 'api', prediction: 'kept', row_id: '7', features: { weight: 2, size: 'small' } },
      { source: 'api', prediction: 'broken', row_id: '8', features: { weight: 39, fragile: true } },
    ]);
  });

  it('predicts with the version in the address, and answers the outputs that are asked for', async () => {
    const other = await addModel(world, { k: 5 });
    const body = { inputs: INPUTS, outputs: [{ name: 'prediction' }] };
    const { json } = await send(`/v2/models/parcels/versions/${other}/infer`, { body });
    expect(json.model_version).toBe(String(other));
    expect(json.outputs.map(({ name }: { name: string }) => name)).toEqual(['prediction']);
  });

  it.each([
    ['another model', '/v2/models/letters/infer', { inputs: INPUTS }, {}, 404],
    ['binary tensors', '/v2/models/parcels/infer', { inputs: INPUTS }, { 'inference-header-content-length': '9' }, 400],
    ['a tensor without data', '/v2/models/parcels/infer', { inputs: [{ ...INPUTS[0], data: undefined }] }, {}, 400],
    ['a wide tensor', '/v2/models/parcels/infer', { inputs: [{ ...INPUTS[0], shape: [1, 2] }] }, {}, 400],
    [
      'columns of two lengths',
      '/v2/models/parcels/infer',
      { inputs: [INPUTS[0], { ...INPUTS[1], shape: [1], data: ['small'] }] },
      {},
      400,
    ],
    [
      'a row that breaks the contract',
      '/v2/models/parcels/infer',
      { inputs: [{ ...INPUTS[0], data: [2, 99] }] },
      {},
      422,
    ],
    ['no request of the protocol', '/v2/models/parcels/infer', [], {}, 400],
  ])('refuses %s with an error that its clients read', async (_, url, body, headers, status) => {
    const answer = await send(url, { body, headers });
    expect({ status: answer.status, error: typeof answer.json.error }).toEqual({ status, error: 'string' });
    expect(await stored()).toEqual([]);
  });
});

const row = { ...parcel, note: null };
const columns = Object.keys(row);
const forms = [
  ['dataframe_split', { dataframe_split: { index: [0], columns, data: [Object.values(row)] } }],
  ['dataframe_records', { dataframe_records: [row] }],
  ['instances', { instances: [row] }],
  ['inputs by column', { inputs: Object.fromEntries(columns.map((name) => [name, [row[name as keyof typeof row]]])) }],
] as const;

describe("MLflow's scoring protocol", () => {
  it.each(forms)('predicts %s, and stores the prediction', async (_, body) => {
    const { status, json } = await send('/invocations', { body });
    expect({ status, json }).toEqual({ status: 200, json: { predictions: ['kept'] } });
    expect(await stored()).toMatchObject([{ source: 'api', features: row }]);
  });

  it('predicts a CSV file', async () => {
    const headers = { 'content-type': 'text/csv; charset=utf-8' };
    const body = 'weight,size,fragile,note\n2,small,false,"a, b"\n39,large,true,\n';
    expect((await send('/invocations', { body, headers })).json).toEqual({ predictions: ['kept', 'broken'] });
    expect(await stored()).toMatchObject([{ features: { note: 'a, b' } }, { features: { note: null, weight: 39 } }]);
  });

  it('stores once for each idempotency key', async () => {
    const headers = { 'idempotency-key': 'once' };
    for (let time = 0; time < 2; time += 1) await send('/invocations', { body: { instances: [row] }, headers });
    expect(await stored()).toHaveLength(1);
  });

  it.each([
    ['no form', {}, 400],
    ['two forms', { instances: [row], inputs: [row] }, 400],
    ['rows of another length than the columns', { dataframe_split: { columns, data: [[1]] } }, 400],
    ['a row that breaks the contract', { instances: [{ ...row, weight: 99 }] }, 422],
    ['no JSON', '{"instances":', 400],
  ])('refuses %s', async (_, body, status) => {
    expect((await send('/invocations', { body })).status).toBe(status);
    expect(await stored()).toEqual([]);
  });

  it('answers its probes', async () => {
    for (const url of ['/ping', '/health', '/version']) expect((await send(url)).status, url).toBe(200);
  });
});
