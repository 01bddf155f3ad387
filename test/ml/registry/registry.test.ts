import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { models } from '#api';
import {
  championOf,
  listModels,
  loadModel,
  type MlError,
  maybeModelReference,
  modelDigests,
  promote,
  type Registration,
  registerModel,
  rollBack,
} from '#ml';
import { type Database, memoryArtifacts } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { boatRegistration } from '../boat-model.ts';
import { boatRows } from '../contract.ts';

let database: Database;
const artifacts = memoryArtifacts();
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const who = { actor: 'ann', reason: 'better on the test part' };

/** Each test has a model of its own in the one database. */
function boatsNamed(model: string, options: { trainingKey?: string; kind?: string } = {}): Registration {
  return { ...boatRegistration({ ...options, trainingKey: options.trainingKey ?? 'fit-1' }), model };
}

async function twoVersions(model: string): Promise<void> {
  await registerModel(database, artifacts, boatsNamed(model));
  await registerModel(database, artifacts, boatsNamed(model, { trainingKey: 'fit-2', kind: 'most-frequent' }));
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing refused',
    (error: MlError) => error.code,
  );
}

describe('registering a model', () => {
  it('numbers versions from 1 and registers a training key once', async () => {
    expect(await registerModel(database, artifacts, boatsNamed('once'))).toEqual({
      model: 'once',
      version: 1,
      created: true,
    });
    expect(await registerModel(database, artifacts, boatsNamed('once'))).toEqual({
      model: 'once',
      version: 1,
      created: false,
    });
    const next = boatsNamed('once', { trainingKey: 'fit-2' });
    expect(await registerModel(database, artifacts, next)).toEqual({ model: 'once', version: 2, created: true });
  });

  it('keeps the run that trained a version, also when another finds it again', async () => {
    await registerModel(database, artifacts, { ...boatsNamed('trained'), runId: '41' });
    await registerModel(database, artifacts, { ...boatsNamed('trained'), runId: '42' });
    await registerModel(database, artifacts, boatsNamed('trained', { trainingKey: 'fit-2' }));
    const { versions } = await listModels(database, 'trained');
    expect(versions.map(({ version, runId }) => [version, runId])).toEqual([
      [2, null],
      [1, '41'],
    ]);
  });

  it('gives a version that was registered without a reference the one that it lacks, and changes nothing else', async () => {
    await registerModel(database, artifacts, boatsNamed('referred'));
    const version = { model: 'referred', version: 1 };
    expect(await maybeModelReference(database, artifacts, version)).toBeUndefined();
    const before = await listModels(database, 'referred');
    const again = { ...boatsNamed('referred'), reference: Buffer.from('rows') };
    expect(await registerModel(database, artifacts, again)).toMatchObject({ version: 1, created: false });
    expect(await registerModel(database, artifacts, { ...again, reference: Buffer.from('others') })).toMatchObject({
      version: 1,
    });
    expect(Buffer.from((await maybeModelReference(database, artifacts, version)) ?? []).toString()).toBe('rows');
    expect(await listModels(database, 'referred')).toEqual(before);
    await loadModel(database, artifacts, version);
  });

  it('keeps its files from a collection, and nothing else', async () => {
    await registerModel(database, artifacts, boatsNamed('kept'));
    const rows = await database.query<{ files: Readonly<Record<string, string>> }>(
      `select files from model_versions where model = 'kept'`,
    );
    const files = [...new Set(Object.values(rows[0]?.files ?? {}))];
    expect(files.length).toBeGreaterThan(1);
    expect([...(await modelDigests(database, [...files, 'f'.repeat(64)]))].sort()).toEqual(files.sort());
    expect(await modelDigests(database, ['f'.repeat(64)])).toEqual([]);
  });

  it('gives no number twice and leaves none out when many register at once', async () => {
    const keys = Array.from({ length: 16 }, (_, index) => `fit-${index % 8}`);
    const results = await Promise.all(
      keys.map((trainingKey) => registerModel(database, artifacts, boatsNamed('raced', { trainingKey }))),
    );
    const created = results.filter((result) => result.created).map(({ version }) => version);
    expect(created.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (let index = 0; index < 8; index += 1) expect(results[index]?.version).toBe(results[index + 8]?.version);
  });

  it('takes part in a transaction of the caller', async () => {
    const work = database.transaction(async (tx) => {
      await registerModel(tx, artifacts, boatsNamed('undone'));
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect((await listModels(database, 'undone')).versions).toEqual([]);
  });

  it('refuses a model whose predictions differ from its golden rows', async () => {
    const registration = boatsNamed('liar');
    const [first, ...rest] = registration.golden;
    const golden = [{ row: first!.row, expected: { ...first!.expected, value: 'leisure' } }, ...rest];
    const work = registerModel(database, artifacts, { ...registration, golden });
    await expect(work).rejects.toThrow('Golden row 0: the model predicted');
    expect(await codeOf(registerModel(database, artifacts, { ...registration, golden: [] }))).toBe('model_refused');
  });

  it('refuses a payload of another label', async () => {
    const registration = boatsNamed('other');
    const label = { column: 'use', label: { kind: 'regression' as const } };
    expect(await codeOf(registerModel(database, artifacts, { ...registration, label }))).toBe('model_refused');
  });
});

describe('loading a model', () => {
  it('predicts as it did when it was trained', async () => {
    await registerModel(database, artifacts, boatsNamed('loaded'));
    const loaded = await loadModel(database, artifacts, { model: 'loaded', version: 1 });
    const expected = boatRegistration({ trainingKey: 'fit-1' }).golden.map((golden) => golden.expected);
    expect(loaded.predict(boatRows)).toEqual(expected);
    expect(loaded.manifest).toMatchObject({
      model: 'loaded',
      estimator: { kind: 'knn', settings: { k: 2, weights: 'uniform' } },
      tieRule: 'neighbours: lowest training row id; classes: first class in declared order',
      features: ['length', 'crew', 'hull', 'engine', 'built'],
      trainedOn: { datasetVersion: 'boats-1', rows: 4 },
    });
  });

  it('refuses a version that is not there', async () => {
    expect(await codeOf(loadModel(database, artifacts, { model: 'nobody', version: 1 }))).toBe('model_unknown');
  });

  it.each(['manifest.json', 'model.bin', 'features.json', 'golden.jsonl'])(
    'refuses a lost or damaged %s',
    async (file) => {
      const own = memoryArtifacts();
      const model = `damaged ${file}`;
      await registerModel(database, own, boatsNamed(model));
      const [row] = await database.query<{ files: Record<string, string> }>(
        'select files from model_versions where model = $1',
        [model],
      );
      const digest = row!.files[file]!;
      const { Readable } = await import('node:stream');
      const damaged = {
        ...own,
        read: (name: string) =>
          name === digest ? Promise.resolve(Readable.from([Buffer.from('{}')])) : own.read(name),
      };
      await expect(loadModel(database, damaged, { model, version: 1 })).rejects.toThrow('changed or damaged');
      await own.delete(digest);
      expect(await codeOf(loadModel(database, own, { model, version: 1 }))).toBe('model_refused');
    },
  );

  it('refuses files swapped for those of another version', async () => {
    await twoVersions('swapped');
    await database.query(
      `update model_versions v set files = v.files || jsonb_build_object('model.bin', other.files ->> 'model.bin')
         from model_versions other where v.model = 'swapped' and other.model = 'swapped' and v.version = 1 and other.version = 2`,
    );
    await expect(loadModel(database, artifacts, { model: 'swapped', version: 1 })).rejects.toThrow(
      'belongs to other files',
    );
  });
});

describe('promoting', () => {
  it('answers who is champion', async () => {
    await twoVersions('history');
    expect(await championOf(database, 'history')).toBeUndefined();
    await promote(database, { model: 'history', alias: 'champion', version: 1, ...who });
    const second = await promote(database, { model: 'history', alias: 'champion', version: 2, ...who });
    expect(second).toMatchObject({ version: 2, previous: 1, actor: 'ann' });
    expect((await championOf(database, 'history'))?.version).toBe(2);
  });

  it('adds nothing when the version is there already', async () => {
    await twoVersions('again');
    const options = { model: 'again', alias: 'champion', version: 1, ...who } as const;
    const first = await promote(database, options);
    expect(first).toMatchObject({ isChanged: true });
    expect(await promote(database, options)).toEqual({ ...first, isChanged: false });
    expect((await listModels(database, 'again')).promotions).toHaveLength(1);
  });

  it('refuses when the alias moved since the caller looked', async () => {
    await twoVersions('guarded');
    const options = { model: 'guarded', alias: 'champion', ...who } as const;
    await registerModel(database, artifacts, boatsNamed('guarded', { trainingKey: 'fit-3' }));
    await promote(database, { ...options, version: 1, expectedPrevious: null });
    expect(await codeOf(promote(database, { ...options, version: 2, expectedPrevious: null }))).toBe(
      'promotion_refused',
    );
    const races = [2, 3, 2, 3].map((version) =>
      codeOf(promote(database, { ...options, version, expectedPrevious: 1 })),
    );
    expect((await Promise.all(races)).filter((code) => code === 'promotion_refused')).toHaveLength(2);
    expect((await listModels(database, 'guarded')).promotions).toHaveLength(2);
  });

  it('may be retried after it was done, though the alias is no longer what it was', async () => {
    await twoVersions('retried');
    const options = { model: 'retried', alias: 'champion', version: 1, expectedPrevious: null, ...who } as const;
    const first = await promote(database, options);
    expect(await promote(database, options)).toEqual({ ...first, isChanged: false });
  });

  it('refuses a version that does not exist', async () => {
    const work = promote(database, { model: 'nobody', alias: 'champion', version: 9, ...who });
    expect(await codeOf(work)).toBe('model_unknown');
  });

  it('rolls back one step, and forth again', async () => {
    await twoVersions('back');
    const options = { model: 'back', alias: 'champion', ...who } as const;
    expect(await codeOf(rollBack(database, options))).toBe('promotion_refused');
    await promote(database, { ...options, version: 1 });
    expect(await codeOf(rollBack(database, options))).toBe('promotion_refused');
    await promote(database, { ...options, version: 2 });
    expect(await codeOf(rollBack(database, { ...options, expectedPrevious: 1 }))).toBe('promotion_refused');
    expect(await rollBack(database, { ...options, expectedPrevious: 2 })).toMatchObject({ version: 1, previous: 2 });
    expect(await rollBack(database, options)).toMatchObject({ version: 2, previous: 1 });
  });
});

describe('the list of a model', () => {
  it('has the shape the API shows', async () => {
    await twoVersions('listed');
    await promote(database, { model: 'listed', alias: 'champion', version: 1, ...who });
    await promote(database, { model: 'listed', alias: 'challenger', version: 2, ...who });
    await promote(database, { model: 'listed', alias: 'champion', version: 2, ...who });
    const listed = models.parse(await listModels(database, 'listed'));
    expect(listed.versions.map(({ version, aliases }) => [version, aliases.toSorted()])).toEqual([
      [2, ['challenger', 'champion']],
      [1, []],
    ]);
    expect(listed.promotions.map(({ alias, version, previous }) => [alias, version, previous])).toEqual([
      ['champion', 2, 1],
      ['challenger', 2, null],
      ['champion', 1, null],
    ]);
    expect(listed.versions[0]?.metrics.accuracy?.value).toBe(0.5);
  });
});

describe('the model card', () => {
  it('tells what the model is and cannot be broken by names from data', async () => {
    const registration = boatsNamed('carded');
    const slices = registration.evaluation.slices.map((slice) => ({ ...slice, value: '<script>|x' }));
    const evaluation = { ...registration.evaluation, slices };
    await registerModel(database, artifacts, { ...registration, evaluation });
    const { manifest } = await loadModel(database, artifacts, { model: 'carded', version: 1 });
    let card = '';
    for await (const chunk of await artifacts.read(manifest.files['card.md'])) card += String(chunk);
    expect(card).toContain('# Model card: carded');
    expect(card).toContain('Predicts `use`, one of `ferry`, `fishing`, `leisure`.');
    expect(card).toContain('20 % kept for the test (seed 1)');
    expect(card).toContain('\\<script\\>\\|x');
    expect(card).not.toContain('<script>');
  });
});
