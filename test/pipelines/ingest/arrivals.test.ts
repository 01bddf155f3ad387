import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import {
  type Arrival,
  dataFiles,
  drawArrival,
  endArrival,
  FAILURES_MAX,
  releaseOrphanedArrivals,
  removeRawFile,
  stableDigest,
} from '../../../src/pipelines/ingest/arrivals.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

describe('arrivals', () => {
  let database: Database;
  let folder = '';
  const put = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
  const draw = (runId: string) => drawArrival(database, { folder, runId });
  const drawn = async (runId: string): Promise<Arrival> => {
    const answer = await draw(runId);
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

  describe('drawArrival', () => {
    it('draws every file once when runs come one after the other', async () => {
      for (const name of ['a.csv', 'b.csv', 'c.csv']) await put(name, name);
      const files = [await drawn('1'), await drawn('2'), await drawn('3')].map(({ file }) => file);
      expect(files.sort()).toEqual(['a.csv', 'b.csv', 'c.csv']);
      expect(await draw('4')).toMatchObject({ kind: 'nothing' });
    });

    it('gives each file to one run only when many draw at once', async () => {
      for (let index = 0; index < 8; index += 1) await put(`${index}.csv`, `${index}`);
      const draws = await Promise.all(Array.from({ length: 12 }, (_, run) => draw(`${run + 1}`)));
      const files = draws.flatMap((answer) => (answer.kind === 'drawn' ? [answer.arrival.file] : []));
      expect(new Set(files).size).toBe(files.length);
      const claimed = await database.query('select from arrivals where ended_at is null');
      expect(claimed).toHaveLength(files.length);
    });

    it('draws the same file for the same run again, as after a crash', async () => {
      for (const name of ['a.csv', 'b.csv', 'c.csv', 'd.csv']) await put(name, name);
      expect(await drawn('7')).toEqual(await drawn('7'));
    });

    it('orders files by the run, not by their names', async () => {
      const firsts = new Set<string>();
      for (let run = 1; run <= 20; run += 1) {
        for (const name of ['a.csv', 'b.csv', 'c.csv']) await put(name, name);
        const arrival = await drawn(`${run}`);
        firsts.add(arrival.file);
        await endArrival(database, { id: arrival.id, outcome: 'cancelled' });
      }
      expect(firsts.size).toBe(3);
    });

    it('makes two arrivals of two files with equal bytes', async () => {
      await put('a.csv', 'same');
      await put('b.csv', 'same');
      const [one, two] = [await drawn('1'), await drawn('2')];
      expect(one.digest).toBe(two.digest);
      expect(one.id).not.toBe(two.id);
    });

    it('passes over folders, links, pipes and hidden files', async () => {
      await mkdir(path.join(folder, 'folder.csv'));
      await put('.hidden.csv', 'x');
      await symlink('/etc/hostname', path.join(folder, 'link.csv'));
      execFileSync('mkfifo', [path.join(folder, 'pipe.csv')]);
      expect(await draw('1')).toEqual({ kind: 'nothing', reason: 'raw-data holds no new file' });
    });

    it('says that nothing is there when the folder is missing', async () => {
      const answer = await drawArrival(database, { folder: path.join(folder, 'nowhere'), runId: '1' });
      expect(answer).toEqual({ kind: 'nothing', reason: 'raw-data holds no new file' });
    });

    it('stops drawing a file that failed too often, until its bytes change', async () => {
      await put('a.csv', 'poison');
      for (let run = 1; run <= FAILURES_MAX; run += 1) {
        await endArrival(database, { id: (await drawn(`${run}`)).id, outcome: 'failed' });
      }
      expect(await draw('8')).toMatchObject({ kind: 'nothing' });
      await put('a.csv', 'mended');
      expect(await draw('9')).toMatchObject({ kind: 'drawn', arrival: { file: 'a.csv' } });
    });

    it('takes names as they are: quotes, line ends, dots', async () => {
      const name = `it's "q"\n..%2f.csv`;
      await put(name, 'x');
      expect((await drawn('1')).file).toBe(name);
    });
  });

  describe('removeRawFile', () => {
    const arrivalOf = async (file: string): Promise<Arrival> => {
      const content = await stableDigest(path.join(folder, file));
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
      const kept = await drawn(run?.id ?? '');
      await drawn('999999');
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
