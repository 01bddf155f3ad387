import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineContract, integer, maybeFindPartitions, number, profileFile, profilePartitions, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-profile-partitions-'));
  await mkdir(path.join(folder, 'parts'));
  await mkdir(path.join(folder, 'temporary'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const rows = Array.from({ length: 600 }, (_, row) => ({
  id: row,
  amount: ((row * 37) % 101) / 4,
  note: `n${row % 7}`,
}));
const csv = (of: typeof rows): string => of.map(({ id, amount, note }) => `${id},${amount},"${note}"\n`).join('');

async function profileFolder(options: object = {}) {
  const found = await maybeFindPartitions(path.join(folder, 'parts'));
  if (found === undefined) throw new Error('Expected a folder.');
  return profilePartitions({ ...found, duckdb, folder: path.join(folder, 'temporary'), ...options });
}

describe('profilePartitions', () => {
  it.each([
    ['without a contract', {}],
    [
      'with one',
      { contract: defineContract({ name: 'x', columns: { id: integer(), amount: number(), note: text() } }) },
    ],
  ])('gives the profile of the one file with all rows, %s', async (_, options) => {
    const parts = {
      'a.csv': `id,amount,note\n${csv(rows.slice(0, 250))}broken\n`,
      'b.csv': `note;amount;id\n${rows
        .slice(250, 400)
        .map(({ id, amount, note }) => `${note};${amount};${id}\n`)
        .join('')}`,
      'c.ndjson': rows
        .slice(400)
        .map((each) => `${JSON.stringify(each)}\n`)
        .join(''),
    };
    for (const [name, content] of Object.entries(parts)) await writeFile(path.join(folder, 'parts', name), content);
    const whole = path.join(folder, 'whole.csv');
    await writeFile(whole, `id,amount,note\n${csv(rows)}`);
    const { digest: _digest, sizeBytes, file, rejected, ...same } = await profileFolder(options);
    const expected = await profileFile({ path: whole, duckdb, ...options });
    expect({ ...expected, ...same }).toEqual(expected);
    expect([file, rejected, sizeBytes]).toEqual(['parts', 1, Object.values(parts).join('').length]);
    expect(await readdir(path.join(folder, 'temporary'))).toEqual([]);
  });

  it('names the file that cannot be read', async () => {
    await writeFile(path.join(folder, 'parts', 'd.csv'), '"id,amount\n1,2\n');
    await expect(profileFolder()).rejects.toThrow(/"parts" cannot be profiled: d\.csv: The first line/);
  });
});
