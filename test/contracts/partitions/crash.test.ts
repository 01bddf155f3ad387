import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forkProgram } from '../../programs/programs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-partitions-crash-'));
  await mkdir(path.join(folder, 'in'));
  for (const part of [0, 1, 2]) {
    // The last row of each file repeats the first one of all.
    const rows = Array.from({ length: 50 }, (_, row) => `${row === 49 ? 0 : part * 100 + row},t${row}`);
    await writeFile(path.join(folder, 'in', `part-${part}.csv`), `id,t\n${rows.join('\n')}\nbroken\n`);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const linesIn = async (file: string): Promise<number> => (await readFile(file, 'utf8')).split('\n').length - 1;

describe('a killed check of a partitioned dataset', () => {
  it('leaves a manifest with all of its files, or none, and no file that is half there', {
    timeout: 60_000,
  }, async () => {
    const into = path.join(folder, 'out');
    const names = ['part-0', 'part-1', 'part-2'];
    let [at, committed] = [0, 0];
    for (let isKilled = true; isKilled; ) {
      at += 1;
      const child = forkProgram('die-at-rename', ['check', path.join(folder, 'in'), into, String(at)]);
      const [exitCode, signal] = await once(child, 'exit');
      expect(signal ?? exitCode).toBeOneOf(['SIGKILL', 0]);
      isKilled = signal === 'SIGKILL';
      const there = (await readdir(into)).filter((name) => !name.startsWith('.'));
      for (const kind of there.filter((name) => ['good', 'bad'].includes(name))) {
        const files = await readdir(path.join(into, kind));
        expect(files.sort()).toEqual(names.map((name) => `${name}.csv`));
        const rows = await Promise.all(files.map((file) => linesIn(path.join(into, kind, file))));
        expect(rows).toEqual(kind === 'good' ? [50, 50, 50] : [2, 2, 2]);
      }
      if (!there.includes('manifest.json')) continue;
      committed += 1;
      const manifest = JSON.parse(await readFile(path.join(into, 'manifest.json'), 'utf8'));
      expect(manifest.rows).toEqual({ in: 153, good: 147, bad: 3, rejected: 3 });
      for (const { files } of manifest.partitions)
        for (const { file } of Object.values<{ readonly file: string }>(files))
          expect(await linesIn(path.join(into, file))).toBeGreaterThan(0);
    }
    expect([at > 5, committed]).toEqual([true, 1]);
    // The last check has tidied up after the killed ones.
    expect((await readdir(into)).sort()).toEqual(['bad', 'check.json', 'good', 'manifest.json', 'rejected']);
  });
});
