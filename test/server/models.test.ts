import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Route, routes } from '#api';
import { addModel, ask, createWorld, parcel, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  for (const k of [3, 5, 7]) await addModel(world, { k });
});
afterAll(() => world.close());
beforeEach(() => world.database.query('truncate promotions'));

const reason = 'it is better on new files';
const change = (route: Route, version: number, body: object = {}) =>
  ask(world, route, { params: { version: String(version) }, body: { reason, by: 'ann', ...body } });
const promote = (version: number, body?: object) => change(routes.promoteVersion, version, body);
const challenge = (version: number, body?: object) => change(routes.challengeVersion, version, body);
const rollBack = (body?: object) => change(routes.rollBackModel, 0, body);
const served = async () => (await ask(world, routes.predict, { body: parcel })).json.modelVersion;

describe('promotion over HTTP', () => {
  it('makes a version champion, on record, and the next prediction uses it', async () => {
    expect(await promote(1, { expectedPrevious: null })).toMatchObject({
      status: 200,
      json: { alias: 'champion', version: 1, previous: null, actor: 'ann', reason },
    });
    expect(await served()).toBe('parcels@1');
    expect(await promote(2, { expectedPrevious: 1 })).toMatchObject({ status: 200, json: { version: 2, previous: 1 } });
    expect(await served()).toBe('parcels@2');
    const { json } = await ask(world, routes.models);
    expect(json.promotions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
  });

  it('refuses when the champion changed since the client looked', async () => {
    await promote(1);
    await promote(2, { by: 'bob', reason: 'it was asked for' });
    expect(await promote(3, { expectedPrevious: 1 })).toMatchObject({
      status: 409,
      json: {
        code: 'promotion_refused',
        detail: expect.stringMatching(/to be 1, and it is 2, since bob promoted it: it was asked for/),
      },
    });
    expect(await rollBack({ expectedPrevious: 1 })).toMatchObject({
      status: 409,
      json: { code: 'promotion_refused' },
    });
    expect(await served()).toBe('parcels@2');
  });

  it('refuses a version that is champion already, and says since when and why', async () => {
    await promote(1);
    expect(await promote(1)).toMatchObject({
      status: 409,
      json: { code: 'promotion_unchanged', detail: expect.stringContaining(`by ann: ${reason}`) },
    });
  });

  it('rolls back to the champion of before, and the next prediction uses it', async () => {
    expect(await rollBack()).toMatchObject({ status: 409, json: { code: 'promotion_refused' } });
    for (const version of [1, 2]) await promote(version);
    expect(await rollBack({ expectedPrevious: 2 })).toMatchObject({ status: 200, json: { version: 1, previous: 2 } });
    expect(await served()).toBe('parcels@1');
  });

  it('names a challenger and leaves the champion', async () => {
    await promote(1);
    expect(await challenge(2, { expectedPrevious: null })).toMatchObject({
      status: 200,
      json: { alias: 'challenger', version: 2 },
    });
    expect(await served()).toBe('parcels@1');
  });

  it.each([
    [9, {}, 404, 'model_unknown'],
    [0, {}, 400, 'request_invalid'],
    [1, { reason: ' ' }, 400, 'request_invalid'],
    [1, { expectedPrevius: 1 }, 400, 'request_invalid'],
    [1, { expectedPrevious: 'one' }, 400, 'request_invalid'],
  ] as const)('refuses version %s with %j', async (version, body, status, code) => {
    expect(await promote(version, body)).toMatchObject({ status, json: { code } });
  });
});
