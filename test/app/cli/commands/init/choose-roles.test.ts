import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Profile, profileFile, suggestContract } from '#contracts';
import type { DuckdbPool } from '#store';
import { chooseRoles } from '../../../../../src/app/cli/commands/init/choose-roles.ts';
import { inProcessDuckdb } from '../../../../contracts/duckdb-in-process.ts';
import { housesCsv } from '../../../../fixtures/datasets.ts';

let duckdb: DuckdbPool;
let folder: string;
let houses: Profile;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-roles-'));
  houses = await profileOf(housesCsv(40), 'houses.csv');
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function profileOf(content: string, name = 'data.csv'): Promise<Profile> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return profileFile({ path: file, duckdb, provesUnique: true });
}

/** A person at a terminal, and what was asked. */
function answering(...answers: readonly string[]) {
  const questions: string[] = [];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    return answers[questions.length - 1] ?? '';
  };
  return { questions, ask };
}

const csv = (header: string, row: (index: number) => string, rows = 60): string =>
  `${header}\n${Array.from({ length: rows }, (_, index) => `${row(index)}\n`).join('')}`;

describe('the roles of columns', () => {
  it('are asked for in a terminal, and Enter takes what is proposed', async () => {
    const { questions, ask } = answering();
    expect((await chooseRoles(houses, { named: {}, ask })).roles).toEqual({
      id: 'id',
      label: 'price',
      time: 'sold_on',
    });
    expect(questions).toEqual([
      'Which column is the label, the one to predict? [price: the last column that can be one]: ',
      'Which column is the id, which names each row? [id: named like an id, and no value occurs twice], - for none: ',
      'Which column is the time, which dates each row? [sold_on: the only column of dates without a gap], - for none: ',
    ]);
  });

  it('are asked for again when an answer cannot be, and may be none', async () => {
    const { questions, ask } = answering('prise', 'area', '-', '-');
    expect((await chooseRoles(houses, { named: {}, ask })).roles).toEqual({ label: 'area' });
    expect(questions[1]).toContain('it has none called "prise". Did you mean price?\nWhich column is the label');
  });

  it('are no longer asked for after five wrong answers', async () => {
    const { questions, ask } = answering('a', 'b', 'c', 'd', 'e', 'f');
    await expect(chooseRoles(houses, { named: {}, ask })).rejects.toThrow('Nothing was written.');
    expect(questions).toHaveLength(5);
  });

  it.each([
    [{ label: 'prise' }, 'Did you mean price?'],
    [{ label: 'sold_on' }, 'sold_on cannot be the label: it is of kind date, which no model predicts. It can be area'],
    [{ label: 'price', id: 'rooms' }, 'rooms cannot be the id: it has 6 different values in 40 rows.'],
    [{ label: 'price', id: 'price' }, 'price cannot be the id: it has another role already.'],
    [{ label: 'price', time: 'area' }, 'area cannot be the time: it is of kind integer, not date or timestamp.'],
    [{}, 'It can be area, rooms, district, has_garden, price.'],
  ])('refuses %j with what would do', async (named, words) => {
    await expect(chooseRoles(houses, { named })).rejects.toThrow(words);
  });

  it.each([
    [
      'a column that numbers the rows, without a name',
      ',x,target',
      (i: number) => `${i},${i % 7},${i % 3}`,
      'column 1',
    ],
    ['texts in the first column', 'plot,x,target', (i: number) => `P-${i},${i % 7},${i % 3}`, 'plot'],
    ['a column named so behind others', 'x,orderId,target', (i: number) => `${i % 7},${i * 3},${i % 3}`, 'orderId'],
    [
      'nothing in large numbers that happen to differ',
      'size,x,target',
      (i: number) => `${i * 31},1,${i % 3}`,
      undefined,
    ],
    ['nothing in a name with a gap', 'id,x,target', (i: number) => `${i === 3 ? '' : i},1,${i % 3}`, undefined],
  ])('find as id %s', async (_, header, row, id) => {
    expect((await chooseRoles(await profileOf(csv(header, row)), { named: {} })).roles).toEqual({
      label: 'target',
      ...(id === undefined ? {} : { id }),
    });
  });
});

describe('the label of a suggested contract', () => {
  it.each([
    ['few whole numbers', (i: number) => `${(i % 3) + 8}`, { kind: 'category', categories: ['8', '9', '10'] }],
    ['many whole numbers', (i: number) => `${i}`, { kind: 'integer' }],
    ['fractions', (i: number) => `${(i % 3) + 0.5}`, { kind: 'number' }],
    ['truth values', (i: number) => `${i % 2 === 0}`, { kind: 'boolean' }],
    ['more texts than other columns have categories', (i: number) => `t${i % 30}`, { kind: 'category' }],
    ['texts of which some are missing', (i: number) => ['a', 'b', ''][i % 3] ?? '', { categories: ['a', 'b'] }],
  ])('takes %s for what they are', async (_, value, column) => {
    const profile = await profileOf(csv('x,target', (index) => `${index % 7},${value(index)}`));
    const { columns } = suggestContract(profile, { roles: { label: 'target' } });
    expect(columns.target).toMatchObject({ role: 'label', ...column });
  });
});
