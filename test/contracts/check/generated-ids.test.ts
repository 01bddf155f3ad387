import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, checkFile, defineContract, fromOdcs, number, text, toOdcs } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const ROWS = 'size,note\n5,"a, b"\n-1,c\n7,d\n';
const NDJSON = '{"size":5,"note":"a"}\n{"size":-1}\nnot an object\n{"size":7,"note":"d"}\n';
const prefixOf = (content: string): string => createHash('sha256').update(content).digest('hex').slice(0, 16);

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-ids-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

function contractWith({
  generated = true,
  min = 0,
}: {
  readonly generated?: boolean;
  readonly min?: number;
}): Contract {
  return defineContract({
    name: 'parcels',
    columns: {
      size: number({ min }),
      note: text({ nullable: true, role: 'meta' }),
      row: text({ role: 'id', unique: true, generated }),
    },
  });
}

async function check(content: string, contract: Contract, name = 'parcels.csv') {
  const file = path.join(folder, name);
  await writeFile(file, content);
  const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const linesOf = async (part: string | undefined) =>
    part === undefined ? [] : (await readFile(part, 'utf8')).trimEnd().split('\n');
  return { result, good: await linesOf(files.good), bad: await linesOf(files.bad) };
}

describe('generated ids', () => {
  it('are made of the digest of the file and the place of the row', async () => {
    const prefix = prefixOf(ROWS);
    const { result, good, bad } = await check(ROWS, contractWith({}));
    expect(good).toEqual(['row,size,note', `${prefix}-1,5,"a, b"`, `${prefix}-3,7,d`]);
    expect(bad[1]).toContain(`${prefix}-2`);
    expect(result.violations.map(({ expectation }) => expectation)).toEqual(['in-range']);
  });

  it('stay the same when the contract changes', async () => {
    const { good } = await check(ROWS, contractWith({ min: 6 }));
    expect(good).toEqual(['row,size,note', `${prefixOf(ROWS)}-3,7,d`]);
  });

  it('are generated for objects, one a line', async () => {
    const prefix = prefixOf(NDJSON);
    const { good } = await check(NDJSON, contractWith({}), 'parcels.ndjson');
    expect(good.map((line) => line.split(',')[0])).toEqual(['row', `${prefix}-1`, `${prefix}-3`]);
  });

  it('leave the ids of a file that has them', async () => {
    const { good } = await check('row,size,note\nx,5,a\n', contractWith({}));
    expect(good).toEqual(['row,size,note', 'x,5,a']);
  });

  it('are not for a contract that does not ask for them', async () => {
    const { result } = await check(ROWS, contractWith({ generated: false }));
    expect(result.violations.map(({ sentence }) => sentence)).toContain('column row is missing');
  });

  it('are kept by a contract that is written as a document', () => {
    const contract = contractWith({});
    expect(fromOdcs(toOdcs(contract)).columns.row).toEqual(contract.columns.row);
  });

  it('are for an id only', () => {
    expect(() => text({ generated: true })).toThrow('is for an id; got role "feature"');
  });
});
