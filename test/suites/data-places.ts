import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataPlaces } from '#pipelines';
import { placeIn } from '../../src/pipelines/places/data-places.ts';
import { bytesNamed, digestOf } from './bytes.ts';

/** Data places of a test: an empty folder in them, and a way to put a file there as others do. */
export interface TestedPlaces {
  readonly places: DataPlaces;
  readonly folder: string;
  put(name: string, content: Uint8Array): Promise<void>;
}

/** What all places of data promise, whether they are folders or in buckets. */
export function testDataPlaces(name: string, open: () => Promise<TestedPlaces>): void {
  describe(`data in ${name}`, () => {
    let places: DataPlaces;
    let folder: string;
    let put: TestedPlaces['put'];
    let attempt: string;
    beforeAll(async () => {
      ({ places, folder, put } = await open());
      attempt = await mkdtemp(path.join(tmpdir(), 'weir-places-'));
    });
    afterAll(() => rm(attempt, { recursive: true }));

    async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
      yield content;
    }
    const clear = async (): Promise<void> => {
      for (const file of await places.names(folder)) await places.makeRoom([placeIn(folder, file)], new Set());
    };
    const at = (file: string): string => placeIn(folder, file);
    const made = async (content: Uint8Array): Promise<string> => {
      const file = path.join(attempt, 'made');
      await writeFile(file, content);
      return file;
    };
    /** What `context.file` does, without its attempt. */
    const placeFile = async (from: string, to: string) => {
      const bytes = await readFile(from);
      await writeFile(to, bytes);
      return { kind: 'file' as const, path: to, digest: digestOf(bytes), sizeBytes: bytes.length };
    };

    it('is listed by name, without what is hidden or below', async () => {
      await put('b.csv', bytesNamed('b'));
      await put('a.csv', bytesNamed('a', 7));
      await put('.hidden', bytesNamed('hidden'));
      await put('below/c.csv', bytesNamed('c'));
      expect(await places.names(folder)).toEqual(['a.csv', 'b.csv']);
      expect(await places.names(placeIn(folder, 'below'))).toEqual(['c.csv']);
      expect(await places.names(placeIn(folder, 'nowhere'))).toEqual([]);
      const seen = await places.look(folder);
      expect(seen.map(({ name: file, sizeBytes }) => [file, sizeBytes])).toEqual([
        ['a.csv', 7],
        ['b.csv', 1000],
      ]);
      expect(await places.lookAt(at('a.csv'))).toEqual(seen[0]);
      expect(await places.lookAt(at('nothing.csv'))).toBeUndefined();
      await clear();
    });

    it('is read with its digest and copied, and has another identity when it is replaced', async () => {
      await put('read.csv', bytesNamed('first'));
      const copy = path.join(attempt, 'copy');
      const first = await places.read(at('read.csv'), { copyTo: copy });
      expect(first).toMatchObject({ digest: digestOf(bytesNamed('first')), sizeBytes: 1000 });
      expect(await readFile(copy)).toEqual(bytesNamed('first'));
      expect(await places.read(at('read.csv'))).toMatchObject({ digest: digestOf(bytesNamed('first')) });
      expect(await buffer(await places.open(at('read.csv')))).toEqual(bytesNamed('first'));
      await put('read.csv', bytesNamed('second', 999));
      const second = await places.read(at('read.csv'));
      expect(second).toMatchObject({ digest: digestOf(bytesNamed('second', 999)), sizeBytes: 999 });
      expect((await places.lookAt(at('read.csv')))?.identity).not.toBe(typeof first === 'object' && first.identity);
      expect(await places.read(at('nothing.csv'))).toBe('missing');
      await clear();
    });

    it('is received under a free name, and replaces nothing', async () => {
      const receive = (name: string) => places.receive({ folder, name, content: once(bytesNamed(name)) });
      expect(await receive('r.csv')).toEqual({ file: 'r.csv', wanted: 'r.csv', sizeBytes: 1000 });
      const others = await Promise.all([receive('r.csv'), receive('r.csv'), receive('r.csv')]);
      expect(new Set(others.map(({ file }) => file))).toEqual(new Set(['r-2.csv', 'r-3.csv', 'r-4.csv']));
      expect(await places.names(folder)).toHaveLength(4);
      for (const wanted of ['../r.csv', '.r.csv', 'a/b.csv', ''])
        await expect(receive(wanted)).rejects.toThrow('Expected the name of a file without a path');
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield bytesNamed('broken');
        throw new Error('the sender is gone');
      }
      await expect(places.receive({ folder, name: 'broken.csv', content: broken() })).rejects.toThrow('is gone');
      expect(await places.names(folder)).toHaveLength(4);
      await clear();
    });

    it('is placed again without a trace of the first time', async () => {
      const to = at('placed.csv');
      for (const content of ['same', 'same', 'other contract']) {
        await places.makeRoom([to, at('unwanted.csv')], new Set([to]));
        const receipt = await places.place({ from: await made(bytesNamed(content)), to }, placeFile);
        expect(receipt).toEqual({ kind: 'file', path: to, digest: digestOf(bytesNamed(content)), sizeBytes: 1000 });
        expect(await places.read(to)).toMatchObject({ digest: digestOf(bytesNamed(content)) });
        await put('unwanted.csv', bytesNamed('unwanted'));
      }
      await places.makeRoom([to, at('unwanted.csv')], new Set([to]));
      expect(await places.names(folder)).toEqual(['placed.csv']);
      await clear();
    });

    it('is removed when it is ingested, unless its name has other bytes now', async () => {
      const ingested = { id: 'arrival-1', file: 'raw.csv', digest: digestOf(bytesNamed('raw')) };
      await put('raw.csv', bytesNamed('raw'));
      await places.remove(folder, ingested);
      await places.remove(folder, ingested);
      expect(await places.names(folder)).toEqual([]);
      await put('raw.csv', bytesNamed('newer'));
      await places.remove(folder, ingested);
      expect(await places.read(at('raw.csv'))).toMatchObject({ digest: digestOf(bytesNamed('newer')) });
      await clear();
    });
  });
}
