import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, splitFile } from '#contracts';
import { openDuckdbPool } from '#store';
import { people } from '../../../bench/contract.ts';
import { generateCsv } from '../../../bench/data.ts';
import { maybeSmallDisk, type SmallDisk } from '../../suites/small-disk.ts';

let folder: string;
let small: string;
let file: string;
let disk: SmallDisk | undefined;
const duckdb = openDuckdbPool({ size: 1 });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-small-disk-'));
  small = path.join(folder, 'small');
  await mkdir(small);
  file = (await generateCsv({ rows: 50_000, folder })).path;
  disk = maybeSmallDisk(small, '1m');
});
afterAll(async () => {
  await duckdb.close();
  disk?.unmount();
  await rm(folder, { recursive: true, force: true });
});

describe('a disk that fills', () => {
  it.each([
    ['at the first rows', '512k'],
    ['at the last rows', '2m'],
  ])('%s: the check says so, leaves nothing, and works once there is room', async (_, size) => {
    expect(disk, 'a small disk; run the tests as root').toBeDefined();
    disk?.resize(size);
    const check = () => checkFile({ path: file, contract: people, folder: path.join(small, 'checked'), duckdb });
    await expect(check()).rejects.toThrow(/ENOSPC|No space left/);
    expect(await readdir(path.join(small, 'checked'))).toEqual([]);

    disk?.resize('32m');
    const { result } = await check();
    expect(result.rows.good + result.rows.bad + result.rows.rejected).toBe(50_000);
    await rm(path.join(small, 'checked'), { recursive: true });
  });

  it('while a file is split: it says so, leaves nothing, and works once there is room', async () => {
    expect(disk, 'a small disk; run the tests as root').toBeDefined();
    disk?.resize('1m');
    const split = () => splitFile({ path: file, into: path.join(small, 'parts'), files: 3, duckdb });
    await expect(split()).rejects.toThrow(/ENOSPC/);
    expect(await readdir(small)).toEqual([]);

    disk?.resize('32m');
    expect((await split()).rows).toBe(50_000);
    await rm(path.join(small, 'parts'), { recursive: true });
  });
});
