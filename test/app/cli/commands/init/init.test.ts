import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { housesCsv, plantsCsv, sensorsCsv } from '../../../../fixtures/datasets.ts';
import { createTestDatabase } from '../../../../postgres/create-test-database.ts';
import { type Ended, runWeir } from '../run-weir.ts';

let root: string;
const databases: Database[] = [];
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'weir-init-'));
});
afterAll(async () => {
  for (const database of databases) await database.close();
  await rm(root, { recursive: true });
});

/** A folder with these files. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(root, 'case-'));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return folder;
}

const textOf = (...parts: readonly string[]): Promise<string> => readFile(path.join(...parts), 'utf8');

type Run = (...args: readonly string[]) => Promise<Ended>;

/** Runs commands over the project, with a database of its own. */
async function commandsOver(project: string): Promise<Run> {
  const database = await createTestDatabase();
  databases.push(database);
  return (...args) => runWeir(args, project, { DATABASE_URL: database.url });
}

/** Trains and returns the newest model. */
async function train(weir: Run): Promise<object> {
  expect(await weir('run', 'train')).toMatchObject({ code: 0, err: '' });
  return JSON.parse((await weir('models', '--json')).out).versions[0];
}

describe('weir init', () => {
  it('creates a project that predicts a number, ordered by its time', async () => {
    const folder = await folderWith({ 'houses.csv': housesCsv() });
    const made = await runWeir(['init', 'houses.csv', '--label', 'price'], folder);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out.split('\n').slice(0, 4)).toEqual([
      'houses.csv: 400 rows, 7 columns',
      '  label  price (named with --label)',
      '  id     id (named like an id, and no value occurs twice)',
      '  time   sold_on (the only column of dates without a gap)',
    ]);
    const project = path.join(folder, 'houses');
    expect((await readdir(project)).sort()).toEqual(
      [
        '.gitignore',
        'README.md',
        'config',
        'contract.test.mjs',
        'data',
        'package.json',
        'project.ts',
        'tsconfig.json',
      ].sort(),
    );
    expect(await textOf(project, 'data/houses.csv')).toBe(housesCsv());
    const source = await textOf(project, 'project.ts');
    for (const line of [
      `id: integer({ role: 'id', unique: true, min: 0 }),`,
      `sold_on: date({ role: 'time' }),`,
      `area: integer({ min: 0, max: 500 }), // unit: ''`,
      `has_garden: boolean({ nullable: true }),`,
      `price: integer({ role: 'label', min: 0, max: 1000000 }), // unit: ''`,
      'estimator: linearRegression(),',
      `training: [fromFiles('data/houses.csv'), fromGoodData()],`,
    ])
      expect(source).toContain(line);
    expect(await train(await commandsOver(project))).toMatchObject({
      estimator: 'linear-regression',
      trainedOn: { features: ['sold_on', 'area', 'rooms', 'district', 'has_garden'] },
    });
    const checked = await runWeir(['check', 'data/houses.csv', '--with-label'], project);
    expect(checked).toMatchObject({ code: 0, err: '' });
  });

  it('creates a project that predicts three classes, from a semicolon file with text ids and names that are no identifiers', async () => {
    // Ten rows wait for their label.
    const plants = plantsCsv(300, 11, ';').replaceAll(/^(P-000\d;.*;|P-0010;.*;)\w+$/gm, '$1');
    const folder = await folderWith({ 'Plants & more.csv': plants });
    const made = await runWeir(['init', 'Plants & more.csv', '--label', 'species', '--into', 'here'], folder);
    expect(made).toMatchObject({ code: 0, err: '' });
    const project = path.join(folder, 'here');
    const source = await textOf(project, 'project.ts');
    for (const line of [
      `delimiter: ';',`,
      `plant: text({ role: 'id', unique: true }),`,
      `['sepal length (cm)']: number({ min: 0, max: 20, decimals: 1 }), // unit: ''`,
      `species: category(['crocus', 'dahlia', 'fern'], { role: 'label', nullable: true }),`,
      `name: 'plants-more',`,
    ])
      expect(source).toContain(line);
    const weir = await commandsOver(project);
    expect(await train(weir)).toMatchObject({ estimator: 'logistic-regression' });
    expect((await weir('datasets')).out).toContain('290 rows (290 new)');
  });

  it('adds ids to a copy of a file without any, and trains on sixty columns with missing values', async () => {
    const folder = await folderWith({ 'sensors.csv': sensorsCsv() });
    const made = await runWeir(['init', 'sensors.csv', '--label', 'state'], folder);
    expect(made.out).toContain('row_id (added to the copy of the data');
    const project = path.join(folder, 'sensors');
    const [header, first] = (await textOf(project, 'data/sensors.csv')).split('\n');
    expect(header).toMatch(/^row_id,sensor 1,/);
    expect(first).toMatch(/^sensors-1,/);
    const weir = await commandsOver(project);
    await train(weir);
    // A file that arrives has no ids either.
    await mkdir(path.join(project, 'raw-data'), { recursive: true });
    await writeFile(path.join(project, 'raw-data/more.csv'), sensorsCsv(50, 99));
    expect(await weir('run', 'ingest')).toMatchObject({ code: 0, err: '' });
    await train(weir);
    expect((await weir('datasets')).out).toContain('350 rows (50 new)');
  });

  it('says which columns the label could be when it is not named and nobody can be asked', async () => {
    const folder = await folderWith({ 'houses.csv': housesCsv(40) });
    const made = await runWeir(['init', 'houses.csv'], folder);
    expect(made.code).toBe(64);
    expect(made.err).toContain('It can be area, rooms, district, has_garden, price.');
    expect(await readdir(folder)).toEqual(['houses.csv']);
  });

  it('reads linked data where they are, with generated ids and without a feed when they have no id', async () => {
    const folder = await folderWith({ 'sensors.csv': sensorsCsv(40) });
    const made = await runWeir(['init', 'sensors.csv', '--label', 'state', '--link'], folder);
    expect(made.out).toContain('each check generates ids');
    const project = path.join(folder, 'sensors');
    expect(await textOf(project, 'project.ts')).toContain(`fromFiles('../sensors.csv')`);
    expect(await textOf(project, 'config/base.yaml')).not.toContain('feed');
    expect(await readdir(project)).not.toContain('data');
    expect(await runWeir(['check', '../sensors.csv', '--with-label'], project)).toMatchObject({ code: 0, err: '' });
  });

  it('never overwrites: a project is refused, and files of other names stay', async () => {
    const folder = await folderWith({ 'houses.csv': housesCsv(40) });
    await mkdir(path.join(folder, 'houses'));
    await writeFile(path.join(folder, 'houses/README.md'), 'mine');
    const init = (): Promise<Ended> => runWeir(['init', 'houses.csv', '--label', 'price'], folder);
    expect(await init()).toMatchObject({ code: 0 });
    expect(await textOf(folder, 'houses/README.md')).toBe('mine');
    expect(await init()).toMatchObject({ code: 64, err: expect.stringContaining('has a project.ts') });
  });
});
