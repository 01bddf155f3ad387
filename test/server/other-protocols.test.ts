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
const named = ({ name }: { readonly name: string }) => ({ name });
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

  it('answers each output that the description of the model lists', async () => {
    const { outputs } = (await send('/v2/models/parcels')).json;
    const { json } = await send('/v2/models/parcels/infer', { body: { inputs: INPUTS, outputs: outputs.map(named) } });
    expect(json.outputs.map(named)).toEqual(outputs.map(named));
    expect(outputs.map(({ name }: { name: string }) => name)).toContain('probability of broken');
  });

  it.each([
    ['another model', '/v2/models/letters/infer', { inputs: INPUTS }, {}, 404],
    ['binary tensors', '/v2/models/parcels/infer', { inputs: INPUTS }, { 'inference-header-content-length': '9' }, 400],
    ['a tensor without data', '/v2/models/parcels/infer', { inputs: [{ ...INPUTS[0], data: undefined }] }, {}, 400],
    ['a wide tensor', '/v2/models/parcels/infer', { inputs: [{ ...INPUTS[0], shape: [1, 2] }] }, {}, 422],
    [
      'columns of two lengths',
      '/v2/models/parcels/infer',
      { inputs: [INPUTS[0], { ...INPUTS[1], shape: [1], data: ['small'] }] },
      {},
      422,
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

const weight = { name: 'weight', datatype: 'FP64', shape: [1], data: [2] };
const nested = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`;

describe('a tensor that is wrong', () => {
  it.each([
    ['a shape of another length', { shape: [3] }, 422, 'got the shape [3] and 1 values'],
    ['a shape with a huge dimension', { shape: [9_007_199_254_740_991] }, 422, 'rows in one request'],
    ['a dimension that no number holds', '{"shape":[1e300]}', 400, 'shape'],
    ['a negative dimension', { shape: [-1] }, 400, 'shape'],
    ['a fraction as dimension', { shape: [1.5] }, 400, 'shape'],
    ['no dimension', { shape: [] }, 400, 'shape'],
    ['three dimensions', { shape: [1, 1, 1] }, 400, 'shape'],
    ['no rows', { shape: [0], data: [] }, 422, 'rows in one request'],
    ['an unknown datatype', { datatype: 'FP8' }, 400, 'datatype'],
    ['a text as a number', { data: ['2'] }, 422, 'finite numbers (FP64)'],
    ['a number as a text', { datatype: 'BYTES' }, 422, 'texts (BYTES)'],
    ['a number as a truth', { datatype: 'BOOL' }, 422, 'true, false (BOOL)'],
    ['a fraction as a whole number', { datatype: 'INT64', data: [2.5] }, 422, 'whole numbers'],
    ['a number beyond its type', { datatype: 'UINT8', data: [256] }, 422, 'from 0 to 255 (UINT8)'],
    ['a negative number without a sign', { datatype: 'UINT64', data: [-1] }, 422, 'from 0 to'],
    ['NaN', '{"data":[NaN]}', 400, 'JSON'],
    ['a number beyond all', '{"data":[1e999]}', 422, 'got Infinity'],
    ['lists within lists within lists', { data: [[[2]]] }, 422, 'got [2]'],
    ['an object as a value', { data: [{ a: 1 }] }, 422, 'got {"a":1}'],
    ['too many levels', `{"data":${nested(80)}}`, 400, 'within each other'],
    ['data that are no list', { data: 2 }, 400, 'a list of values as JSON'],
    ['a field that no tensor has', { dtype: 'FP64' }, 400, '"dtype"'],
    ['a column that the contract does not have', { name: 'wieght' }, 422, 'violate the contract'],
  ])('is refused with what was expected: %s', async (_, change, status, said) => {
    const { name, datatype, shape, data } = weight;
    // Of two equal fields the last one counts.
    const tensor =
      typeof change === 'string'
        ? `${JSON.stringify({ name, datatype, shape, data }).slice(0, -1)},${change.slice(1)}`
        : JSON.stringify({ ...weight, ...change });
    const answer = await send('/v2/models/parcels/infer', { body: `{"inputs":[${tensor}]}` });
    expect({ status: answer.status, error: answer.json.error }).toEqual({
      status,
      error: expect.stringContaining(said),
    });
    expect(answer.json.detail).toBe(answer.json.error);
    expect(await stored()).toEqual([]);
  });

  it.each([
    ['an input twice', { inputs: [weight, weight] }, 422, 'each input once'],
    [
      'an output twice',
      { inputs: INPUTS, outputs: [{ name: 'prediction' }, { name: 'prediction' }] },
      422,
      'each output',
    ],
    ['an unknown output', { inputs: INPUTS, outputs: [{ name: 'price' }] }, 422, 'outputs among'],
    ['a field that no request has', { inputs: INPUTS, input: [] }, 400, '"input"'],
  ])('is refused within its request: %s', async (_, body, status, said) => {
    const answer = await send('/v2/models/parcels/infer', { body });
    expect({ status: answer.status, error: answer.json.error }).toEqual({
      status,
      error: expect.stringContaining(said),
    });
    expect(await stored()).toEqual([]);
  });

  it('becomes no rows when it has more than a request may', async () => {
    const data = Array.from({ length: 10_001 }, () => 2);
    const { status, json } = await send('/v2/models/parcels/infer', {
      body: { inputs: [{ ...weight, shape: [data.length], data }] },
    });
    expect({ status, problem: json.problems[0].expected }).toEqual({ status: 422, problem: '1 to 10000 rows' });
  });
});

describe('a request of another system', () => {
  const body = { inputs: INPUTS };
  it('is of JSON, also when its type is that of unnamed bytes, and of nothing else', async () => {
    const statusOf = async (type: string) =>
      (await send('/v2/models/parcels/infer', { body, headers: { 'content-type': type } })).status;
    for (const type of ['application/octet-stream', 'application/x-www-form-urlencoded', 'application/json'])
      expect([type, await statusOf(type)]).toEqual([type, 200]);
    for (const type of ['text/csv', 'application/xml', 'application/json; charset=latin1'])
      expect([type, await statusOf(type)]).toEqual([type, 415]);
  });

  it('is refused for a parameter that the route does not know', async () => {
    for (const url of ['/v2?a=1', '/v2/models/parcels?a=1', '/ping?a=1', '/version?a=1'])
      expect([url, (await send(url)).status]).toEqual([url, 400]);
    expect((await send('/v2/models/parcels/infer?a=1', { body })).json.error).toContain('"a"');
  });

  it('is answered to HEAD as to GET, and told which methods there are', async () => {
    for (const url of [
      '/v2',
      '/v2/health/live',
      '/v2/models/parcels',
      '/v2/models/parcels/ready',
      '/ping',
      '/health',
    ]) {
      const head = await world.server.inject({ method: 'HEAD', url });
      expect([url, head.statusCode, head.body]).toEqual([url, 200, '']);
    }
    const answer = await world.server.inject({ method: 'GET', url: '/invocations' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST, OPTIONS']);
  });

  it('of a version that is not there is told so', async () => {
    for (const url of ['/v2/models/parcels/versions/999', '/v2/models/parcels/versions/999/ready'])
      expect([url, (await send(url)).json.code]).toEqual([url, 'model_unknown']);
    expect((await send('/v2/models/parcels/versions/latest')).status).toBe(400);
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
    ['rows of another length than the columns', { dataframe_split: { columns, data: [[1]] } }, 422],
    ['a row that breaks the contract', { instances: [{ ...row, weight: 99 }] }, 422],
    ['no JSON', '{"instances":', 400],
    ['a list', [row], 400],
    ['nothing', '', 400],
    ['no rows', { instances: [] }, 422],
    ['columns without rows', { inputs: {} }, 422],
    ['more rows than a request may have', { inputs: { weight: Array.from({ length: 10_001 }, () => 2) } }, 422],
    ['a field beside the rows', { instances: [row], signature: 'a' }, 400],
    ['params of a model', { instances: [row], params: { temperature: 1 } }, 400],
    ['a column twice', { dataframe_split: { columns: ['weight', 'weight'], data: [[1, 2]] } }, 422],
    ['a row that is no object', { instances: [1] }, 400],
  ])('refuses %s', async (_, body, status) => {
    expect((await send('/invocations', { body })).status).toBe(status);
    expect(await stored()).toEqual([]);
  });

  it('takes empty params and an index, as its clients send them', async () => {
    const body = { dataframe_split: { index: [0], columns, data: [Object.values(row)] }, params: {} };
    expect((await send('/invocations', { body })).status).toBe(200);
  });

  it('refuses a CSV that names a column twice', async () => {
    const headers = { 'content-type': 'text/csv' };
    const { status, json } = await send('/invocations', { body: 'weight,weight\n2,3\n', headers });
    expect({ status, error: json.error }).toEqual({ status: 422, error: expect.stringContaining('"weight" twice') });
  });

  it('refuses hundreds of thousands of columns without comparing each with each', async () => {
    const names = Array.from({ length: 400_000 }, (_, index) => `c${index}`);
    const body = { dataframe_split: { columns: [...names, 'c0'], data: [[]] } };
    expect((await send('/invocations', { body })).json.error).toContain('"c0" twice');
  });

  it('refuses a body of another type', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await send('/invocations', { body: { instances: [row] }, headers })).json).toMatchObject({
      ...{ status: 415, error: expect.stringContaining('application/json or text/csv') },
    });
  });

  it('answers its probes', async () => {
    for (const url of ['/ping', '/health', '/version']) expect((await send(url)).status, url).toBe(200);
  });
});
