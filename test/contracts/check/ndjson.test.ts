import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boolean, checkFile, defineContract, integer, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-ndjson-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const contract = defineContract({
  name: 'x',
  columns: { id: integer(), t: text({ nullable: true }), b: boolean({ nullable: true }) },
});

async function check(content: string | Buffer, { name = 'in.ndjson', recordBytesMax = 1 << 20 } = {}) {
  const file = path.join(folder, name);
  await writeFile(file, content);
  const { result, files } = await checkFile({
    path: file,
    contract,
    folder: path.join(folder, 'out'),
    duckdb,
    recordBytesMax,
  });
  const read = async (part: string | undefined) => (part === undefined ? '' : readFile(part, 'utf8'));
  expect(result.rows.in).toBe(result.rows.good + result.rows.bad + result.rows.rejected);
  return { result, good: await read(files.good), bad: await read(files.bad), rejected: await read(files.rejected) };
}

describe('a file of JSON objects', () => {
  it('is checked and parted like any other, its fields in any order', async () => {
    const { result, good, bad } = await check(
      '{"id":1,"t":"a,\\"b\\"\\nc","b":true}\n\n{"b":null,"id":2.5}\n{"t":{"x":[1]},"id":3}',
    );
    expect(result.rows).toEqual({ in: 3, good: 2, bad: 1, rejected: 0 });
    expect(good).toBe('id,t,b\n1,"a,""b""\nc",true\n3,"{""x"":[1]}",\n');
    expect(bad).toBe('line,id,t,b,violations\n3,2.5,,,id: of-type\n');
  });

  it('rejects lines that are none, each with its bytes', async () => {
    const lines = [
      '{"id":1,"t":null,"b":null}',
      '{"id":',
      '[1]',
      '{"id":2,"t":"\\u0000"}',
      '{"id":3,"t":"\\ud800"}',
      `{"id":4,"t":"${'x'.repeat(200)}"}`,
    ];
    const content = Buffer.concat([
      Buffer.from(`${lines.join('\n')}\n{"id":5,"t":"`),
      Buffer.of(0xff),
      Buffer.from('"}\n'),
    ]);
    const { result, rejected } = await check(content, { recordBytesMax: 100 });
    expect(result.rows).toEqual({ in: 7, good: 1, bad: 0, rejected: 6 });
    const kept = rejected
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(kept.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'not-a-json-object'],
      [3, 'not-a-json-object'],
      [4, 'nul-byte'],
      [5, 'invalid-utf-8'],
      [6, 'record-too-long'],
      [7, 'invalid-utf-8'],
    ]);
    for (const { offset, base64 } of kept) {
      const bytes = Buffer.from(base64, 'base64');
      expect(content.subarray(offset, offset + bytes.length).equals(bytes)).toBe(true);
    }
  });

  it('may be compressed, and warns of fields that the contract does not know', async () => {
    const { result } = await check(gzipSync('{"id":1,"t":"x","b":false,"more":1}\n'), { name: 'in.jsonl.gz' });
    expect(result).toMatchObject({ verdict: 'warn', rows: { good: 1 } });
  });

  it('is one by the name it is given, and only if it looks so', async () => {
    const file = path.join(folder, 'blob');
    const named = async (content: string, name: string) => {
      await writeFile(file, content);
      return (await checkFile({ path: file, name, contract, folder: path.join(folder, 'out'), duckdb })).result.rows;
    };
    expect(await named('{"id":1,"t":"x","b":false}\n', 'in.jsonl')).toMatchObject({ good: 1 });
    expect(await named('id,t,b\n1,x,\n', 'in.jsonl')).toMatchObject({ good: 1 });
  });

  it('without an object fails as an empty file does', async () => {
    expect((await check('')).result).toMatchObject({ verdict: 'fail', criticality: 'high' });
    expect((await check('[nonsense\n')).result).toMatchObject({ verdict: 'fail', rows: { in: 1, rejected: 1 } });
  });
});
