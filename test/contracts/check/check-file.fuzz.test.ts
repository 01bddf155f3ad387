import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, integer, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { hostileFile } from '../scan/hostile-file.ts';
import { readReference } from '../scan/reference.ts';

const FILES = propertyRuns(150);
const contract = defineContract({
  name: 'hostile',
  columns: {
    a: integer({ role: 'id', unique: true, nullable: true }),
    b: text({ nullable: true, pattern: '[a-z0-9]+' }),
    c: text({ nullable: true, lengthMax: 6 }),
    d: text({ nullable: true }),
  },
});

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-check-fuzz-'));
  duckdb = await inProcessDuckdb();
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** Rows of a part, each as its fields in one text, so that they can be compared whatever their order. */
async function rowsOf(file: string | undefined): Promise<readonly (readonly string[])[]> {
  if (file === undefined) return [];
  const { rows, rejected } = readReference(await readFile(file));
  expect(rejected).toEqual([]);
  return rows.map(({ fields }) => fields);
}

describe('checkFile', () => {
  it(`gives every row of ${FILES} hostile files out again, once, in the order and with the text that it had`, async () => {
    let bad = 0;
    for (let seed = 0; seed < FILES; seed += 1) {
      const content = hostileFile(seed);
      const reference = readReference(content);
      const file = path.join(folder, 'in.csv');
      await writeFile(file, content);
      const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      const { rows } = result;
      expect(rows.in, `seed ${seed}`).toBe(reference.rows.length + reference.rejected.length);
      expect(rows.good + rows.bad + rows.rejected, `seed ${seed}`).toBe(rows.in);
      expect(rows.rejected, `seed ${seed}`).toBe(reference.rejected.length);
      const goodRows = await rowsOf(files.good);
      const badRows = await rowsOf(files.bad);
      expect([goodRows.length, badRows.length]).toEqual([rows.good, rows.bad]);
      const badLines = new Map(badRows.map(([line, ...rest]) => [Number(line), rest.slice(0, -1)]));
      expect(reference.rows.filter(({ line }) => badLines.has(line)).map(({ fields }) => fields)).toEqual([
        ...badLines.values(),
      ]);
      expect(reference.rows.filter(({ line }) => !badLines.has(line)).map(({ fields }) => fields)).toEqual(goodRows);
      bad += rows.bad;
    }
    expect(bad).toBeGreaterThan(FILES);
  });
});
