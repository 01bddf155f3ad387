import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { dataFiles, readStable } from '../../../src/pipelines/data-files.ts';
import {
  type Arrival,
  endArrival,
  FAILURES_MAX,
  releaseOrphanedArrivals,
  type SelectEffects,
  selectArrival,
} from '../../../src/pipelines/ingest/arrivals.ts';
import { removeRawFile } from '../../../src/pipelines/places/remove-raw-file.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const NOBODY = 65_534;

/** Root may read everything, so whoever tests as root does this as nobody. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('arrivals', () => {
  let database: Database;
  let folder = '';
  const put = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  // Long after anything was written, so that no file is young.
  const later = { now: () => Date.now() + 60_000, sleep: async () => undefined };
  const select = (runId: string, effects: SelectEffects = later) =>
    selectArrival(database, { inbox: { folder, name: 'raw-data' }, runId }, effects);
  const selected = async (runId: string): Promise<Arrival> => {
    const answer = await select(runId);
    if (answer.kind === 'nothing') throw new Error(`expected a file, got: ${answer.reason}`);
    return answer.arrival;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-raw-'));
    await database.query('delete from arrivals');
  });
  afterEach(() => rm(folder, { recursive: true }));

  describe('selectArrival', () => {
    it('selections every file once when runs come one after the other', async () => {
      for (const name of ['a.csv', 'b.csv', 'c.csv']) await put(name, name);
      const files = [await selected('1'), await selected('2'), await selected('3')].map(({ file }) => file);
      expect(files.sort()).toEqual(['a.csv', 'b.csv', 'c.csv']);
      expect(await select('4')).toMatchObject({ kind: 'nothing' });
    });

    it('gives each file to one run only, and each run one, when many select at once', async () => {
      const names = Array.from({ length: 8 }, (_, index) => `${index}.csv`);
      for (const name of names) await put(name, name);
      const arrivals = await Promise.all(names.map((_, run) => selected(`${run + 1}`)));
      expect(arrivals.map(({ file }) => file).sort()).toEqual(names);
      const claimed = await database.query('select from arrivals where ended_at is null');
      expect(claimed).toHaveLength(names.length);
      expect(await select('9')).toEqual({ kind: 'nothing', reason: 'raw-data holds no new file' });
    });

    it('selections the same file for the same run again, as after a crash', async () => {
      for (const name of ['a.csv', 'b.csv', 'c.csv', 'd.csv']) await put(name, name);
      expect(await selected('7')).toEqual(await selected('7'));
    });

    it('orders files by the run, not by their names', async () => {
      const firsts = new Set<string>();
      for (let run = 1; run <= 20; run += 1) {
        for (const name of ['a.csv', 'b.csv', 'c.csv']) await put(name, name);
        const arrival = await selected(`${run}`);
        firsts.add(arrival.file);
        await endArrival(database, { runId: `${run}`, outcome: 'cancelled' });
        await database.query('delete from arrivals');
      }
      expect(firsts.size).toBe(3);
    });

    it('makes two arrivals of two files with equal bytes', async () => {
      await put('a.csv', 'same');
      await put('b.csv', 'same');
      const [one, two] = [await selected('1'), await selected('2')];
      expect(one.digest).toBe(two.digest);
      expect(one.id).not.toBe(two.id);
    });

    it('passes over folders, links, pipes and hidden files', async () => {
      await mkdir(path.join(folder, 'folder.csv'));
      await put('.hidden.csv', 'x');
      await symlink('/etc/hostname', path.join(folder, 'link.csv'));
      execFileSync('mkfifo', [path.join(folder, 'pipe.csv')]);
      expect(await select('1')).toEqual({ kind: 'nothing', reason: 'raw-data holds no new file' });
    });

    it('says that nothing is there when the folder is missing', async () => {
      const answer = await selectArrival(database, {
        inbox: { folder: path.join(folder, 'nowhere'), name: 'raw-data' },
        runId: '1',
      });
      expect(answer).toEqual({ kind: 'nothing', reason: 'raw-data holds no new file' });
    });

    it('selections a file again under the same arrival when its run failed or was cancelled', async () => {
      await put('a.csv', 'rows');
      const first = await selected('1');
      await endArrival(database, { runId: '1', outcome: 'failed' });
      expect(await selected('2')).toEqual(first);
      await endArrival(database, { runId: '2', outcome: 'cancelled' });
      expect(await selected('3')).toEqual(first);
      await endArrival(database, { runId: '3', outcome: 'ingested' });
      expect((await selected('4')).id).not.toBe(first.id);
    });

    it('gives an arrival that is owed to one run only', async () => {
      await put('a.csv', 'rows');
      await selected('1');
      await endArrival(database, { runId: '1', outcome: 'failed' });
      const selections = await Promise.all(Array.from({ length: 8 }, (_, run) => select(`${run + 2}`)));
      expect(selections.filter(({ kind }) => kind === 'selected')).toHaveLength(1);
    });

    it('lets a file wait that failed too often, until its bytes change or its time has come', async () => {
      await put('a.csv', 'poison');
      for (let run = 1; run <= FAILURES_MAX; run += 1) {
        await selected(`${run}`);
        await endArrival(database, { runId: `${run}`, outcome: 'failed' });
      }
      const waiting = await select('8');
      expect(waiting).toMatchObject({ kind: 'nothing', reason: expect.stringContaining('waiting') });
      await put('a.csv', 'mended');
      expect(await select('9')).toMatchObject({ kind: 'selected', arrival: { file: 'a.csv' } });
      await endArrival(database, { runId: '9', outcome: 'ingested' });
      await put('a.csv', 'poison');
      expect((await select('10')).kind).toBe('nothing');
      await database.query(`update arrivals set ended_at = ended_at - interval '11 minutes' where outcome = 'failed'`);
      expect(await select('11')).toMatchObject({ kind: 'selected', arrival: { id: 'arrival-1' } });
    });

    it('waits until a file that changed a moment ago is quiet, and leaves it when it changes meanwhile', async () => {
      await put('a.csv', 'half');
      const slept: number[] = [];
      const sleep = async (ms: number): Promise<void> => {
        slept.push(ms);
        await put('a.csv', 'half and half');
      };
      const writing = { now: Date.now, sleep };
      const answer = await select('1', writing);
      expect(slept).toHaveLength(1);
      expect(answer).toMatchObject({ kind: 'nothing', reason: expect.stringContaining('1 changing') });
      expect((await selected('2')).sizeBytes).toBe('half and half'.length);
    });

    it('passes over a file it may not read, and takes the others', async () => {
      await put('a.csv', 'secret');
      await put('b.csv', 'open');
      await chmod(folder, 0o755);
      await chmod(path.join(folder, 'a.csv'), 0);
      const selections = await asNobody(async () => [await select('1'), await select('2')]);
      expect(selections.map(({ kind }) => kind)).toEqual(['selected', 'nothing']);
      expect(selections[1]).toMatchObject({ reason: expect.stringContaining('1 unreadable') });
    });

    it('takes names as they are: quotes, line ends, dots', async () => {
      const name = `it's "q"\n..%2f.csv`;
      await put(name, 'x');
      expect((await selected('1')).file).toBe(name);
    });
  });

  describe('removeRawFile', () => {
    const arrivalOf = async (file: string): Promise<Arrival> => {
      const content = await readStable(path.join(folder, file));
      if (typeof content === 'string') throw new Error(content);
      return { id: 'arrival-1', file, ...content };
    };
    const aside = (arrival: Arrival): string => path.join(folder, `.${arrival.id}.removing`);

    it('removes the file, and may be called again', async () => {
      await put('a.csv', 'rows');
      const arrival = await arrivalOf('a.csv');
      await removeRawFile(folder, arrival);
      await removeRawFile(folder, arrival);
      expect(await readdir(folder)).toEqual([]);
    });

    it('keeps other bytes that came under the same name', async () => {
      await put('a.csv', 'rows');
      const arrival = await arrivalOf('a.csv');
      await put('a.csv', 'newer rows');
      await removeRawFile(folder, arrival);
      expect(await readdir(folder)).toEqual(['a.csv']);
      expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('newer rows');
    });

    it('finishes a removal that a crash cut short, and keeps a file that came in between', async () => {
      await put('a.csv', 'rows');
      const arrival = await arrivalOf('a.csv');
      await rename(path.join(folder, 'a.csv'), aside(arrival));
      await put('a.csv', 'newer rows');
      await removeRawFile(folder, arrival);
      expect(await readdir(folder)).toEqual(['a.csv']);
      expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('newer rows');
    });

    it('loses neither of two newer files when a crash fell between setting one aside and putting it back', async () => {
      await put('a.csv', 'rows');
      const arrival = await arrivalOf('a.csv');
      await writeFile(aside(arrival), 'set aside, not ours');
      await put('a.csv', 'newest rows');
      await removeRawFile(folder, arrival);
      const texts = await Promise.all((await readdir(folder)).map((name) => readFile(path.join(folder, name), 'utf8')));
      expect(texts.sort()).toEqual(['newest rows', 'set aside, not ours']);
    });
  });

  describe('releaseOrphanedArrivals', () => {
    it('frees what a dead process claimed for a run that was never recorded, and nothing else', async () => {
      await put('a.csv', 'a');
      await put('b.csv', 'b');
      const [run] = await database.query<{ id: string }>(
        `insert into runs (pipeline, state, trigger, goals) values ('ingest', 'running', 'manual', '[]') returning id`,
      );
      const kept = await selected(run?.id ?? '');
      await selected('999999');
      await releaseOrphanedArrivals(database);
      const live = await database.query<{ id: string }>('select id from arrivals where ended_at is null');
      expect(live).toEqual([{ id: kept.id }]);
    });
  });

  describe('dataFiles', () => {
    it('lists plain files by name', async () => {
      await put('b.csv', '');
      await put('a.csv', '');
      expect(await dataFiles(folder)).toEqual(['a.csv', 'b.csv']);
    });
  });
});
