import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { category, defineContract, integer, number } from '#contracts';
import { addChampion, ask, createWorld, type World } from './world.ts';

/** Names that every object inherits, that JavaScript or SQL gives a meaning, or that need quotes. */
const NAMES = [
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'then',
  'length',
  "it's",
  'order by',
  'ä.b/c',
];
const contract = defineContract({
  name: 'odd',
  columns: {
    id: integer({ role: 'id', unique: true }),
    ...Object.fromEntries(NAMES.map((name) => [name, number({ nullable: true })])),
    outcome: category(['constructor', 'kept'], { role: 'label' }),
  },
});
const rowOf = (value: number) => Object.fromEntries(NAMES.map((name) => [name, value]));

let world: World;
beforeAll(async () => {
  world = await createWorld({ contract });
  const rows = Array.from({ length: 40 }, (_, value) => ({
    id: value,
    ...rowOf(value),
    outcome: value < 20 ? 'constructor' : 'kept',
  }));
  await addChampion(world, { contract, rows });
});
afterAll(() => world.close());

describe('features with names that objects inherit', () => {
  it('are trained on, predicted from, stored and answered like any other', async () => {
    const { status, json } = await ask(world, routes.predict, { body: rowOf(3) });
    expect(status).toBe(200);
    expect(json.predictions).toMatchObject([{ features: rowOf(3), prediction: 'constructor', probability: 1 }]);
    const past = await ask(world, routes.pastPredictions, {});
    expect(past.json.items).toMatchObject([{ features: rowOf(3), prediction: 'constructor' }]);
  });

  it('are missing when they are not given, and never what an object inherits', async () => {
    const { status, json } = await ask(world, routes.predict, { body: {} });
    expect(status).toBe(200);
    expect(json.predictions[0].features).toEqual(Object.fromEntries(NAMES.map((name) => [name, null])));
  });

  it('are refused by name where the contract has no such column', async () => {
    const { status, json } = await ask(world, routes.predict, { body: { ...rowOf(3), isPrototypeOf: 1 } });
    expect(status).toBe(422);
    expect(json.problems).toMatchObject([{ row: 0, field: 'isPrototypeOf' }]);
  });
});
