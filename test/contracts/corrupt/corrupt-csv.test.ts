import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { category, checkFile, corruptCsv, defineContract, type InjectedError, integer, number } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const people = defineContract({
  name: 'people',
  columns: {
    id: integer({ role: 'id', min: 1 }),
    age: number({ min: 0, max: 100, nullable: true }),
    sex: category(['female', 'male']),
  },
});

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-corrupt-'));
  duckdb = await inProcessDuckdb();
  const rows = Array.from(
    { length: 200 },
    (_, index) => `${index + 1},${index % 100},${index % 3 ? 'male' : 'female'}`,
  );
  await writeFile(path.join(folder, 'clean.csv'), `id,age,sex\n${rows.join('\n')}\n`);
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function corrupt(options: { seed: number; share: number; kinds?: readonly string[] }) {
  const out = path.join(folder, `broken-${options.seed}.csv`);
  const made = await corruptCsv({ path: path.join(folder, 'clean.csv'), out, contract: people, ...options });
  const truth = (await readFile(made.truth, 'utf8')).trim();
  const errors: InjectedError[] = truth === '' ? [] : truth.split('\n').map((line) => JSON.parse(line));
  return { ...made, out, errors, text: await readFile(out, 'utf8') };
}

describe('corruptCsv', () => {
  it('breaks the asked share of rows, and tells the truth about each', async () => {
    const { rows, errors, text } = await corrupt({ seed: 1, share: 0.1 });
    expect(rows).toBe(200);
    expect(errors).toHaveLength(20);
    const clean = (await readFile(path.join(folder, 'clean.csv'), 'utf8')).split('\n');
    const broken = text.split('\n');
    expect(broken.filter((line, index) => line !== clean[index])).toHaveLength(20);
    for (const { row, column, before, after } of errors) {
      const position = Object.keys(people.columns).indexOf(column);
      expect(clean[row]?.split(',')[position]).toBe(before);
      expect(broken[row]?.split(',')[position]).toBe(after);
    }
  });

  it('does the same again for the same seed, and something else for another', async () => {
    const { text } = await corrupt({ seed: 2, share: 0.5 });
    expect((await corrupt({ seed: 2, share: 0.5 })).text).toBe(text);
    expect((await corrupt({ seed: 3, share: 0.5 })).text).not.toBe(text);
  });

  it('breaks rows in ways that the check finds: every one, and no other', async () => {
    const { out, errors } = await corrupt({ seed: 4, share: 0.25 });
    const { result, files } = await checkFile({
      path: out,
      contract: people,
      folder: path.join(folder, 'out'),
      duckdb,
    });
    const found = (await readFile(files.bad ?? '', 'utf8')).trim().split('\n').slice(1);
    expect(found.map((line) => Number(line.split(',', 1)[0]) - 1)).toEqual(errors.map(({ row }) => row));
    const kinds = new Set(errors.map(({ kind }) => kind));
    expect(new Set(result.violations.map(({ category: kind }) => kind))).toEqual(kinds);
  });

  it('breaks only in the asked ways', async () => {
    const { errors } = await corrupt({ seed: 5, share: 1, kinds: ['out-of-range'] });
    expect(errors).toHaveLength(200);
    expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(['out-of-range']));
    await expect(corrupt({ seed: 5, share: 1, kinds: ['typo'] })).rejects.toThrow(/among missing-value.*got "typo"/);
  });

  it('breaks one row at least, unless none is asked for', async () => {
    expect((await corrupt({ seed: 6, share: 0.0001 })).errors).toHaveLength(1);
    expect((await corrupt({ seed: 7, share: 0 })).errors).toHaveLength(0);
  });
});
