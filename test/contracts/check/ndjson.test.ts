import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boolean, type CheckFileOptions, checkFile, defineContract, integer, text } from '#contracts';
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

const ids = defineContract({ name: 'ids', columns: { id: integer() } });

async function check(
  content: string | Buffer,
  { name = 'in.ndjson', recordBytesMax = 1 << 20, ...more }: Partial<CheckFileOptions> = {},
) {
  const file = path.join(folder, name);
  await writeFile(file, content);
  const { result, files } = await checkFile({
    path: file,
    contract,
    folder: path.join(folder, 'out'),
    duckdb,
    recordBytesMax,
    ...more,
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

  it('keeps numbers as they are written, however long, and those within objects and lists too', async () => {
    const texts = defineContract({
      name: 'x',
      columns: { id: text({ unique: true }), t: text({ nullable: true }) },
    });
    const numbers = [
      '12345678901234567890',
      '12345678901234567891',
      '1.0',
      '1',
      '-0',
      '1E5',
      '0.1000',
      '1e400',
      '-1.50e-7',
    ];
    const lines = numbers.map((number) => `{"id": ${number} , "t":{"n": [${number}, "a  b", -0.0] } }`);
    const { result, good } = await check(lines.join('\r\n'), { contract: texts });
    expect(result).toMatchObject({ verdict: 'pass', rows: { in: 9, good: 9 } });
    expect(good.trimEnd().split('\n').slice(1)).toEqual(
      numbers.map((number) => `${number},"{""n"":[${number},""a  b"",-0.0]}"`),
    );
  });

  it('takes a number for what it says, not for what a double makes of it', async () => {
    const { result, bad } = await check('{"id":9007199254740993}\n{"id":1e400}\n{"id":1.0}\n{"id":7}\n', {
      contract: ids,
    });
    expect(result.rows).toEqual({ in: 4, good: 2, bad: 2, rejected: 0 });
    expect(bad).toBe('line,id,violations\n1,9007199254740993,id: of-type\n2,1e400,id: of-type\n');
  });

  it('names its columns in the order in which fields appear, whatever they are called', async () => {
    const { good } = await check('{"id":1,"7":"x","__proto__":"y","constructor":"z","3":"\\u00e9\\n"}\n', {
      contract: ids,
    });
    expect(good).toBe('id,7,__proto__,constructor,3\n1,x,y,z,"é\n"\n');
  });

  it('may end its lines with CR alone, or be UTF-16', async () => {
    const lines = ['{"id":1}', '{"id":2}', ''];
    for (const content of [lines.join('\r'), Buffer.from(`\ufeff${lines.join('\n')}`, 'utf16le')])
      expect((await check(content, { contract: ids })).result.rows).toEqual({ in: 2, good: 2, bad: 0, rejected: 0 });
  });

  it('with other fields in its second reading is set aside whole', async () => {
    const file = path.join(folder, 'changing.ndjson');
    await writeFile(file, '{"id":1}\n');
    const onProgress = (): void => writeFileSync(file, '{"id":1,"new":2}\n');
    const { result } = await checkFile({
      path: file,
      contract: ids,
      folder: path.join(folder, 'out'),
      duckdb,
      onProgress,
    });
    expect(result).toMatchObject({
      verdict: 'quarantined',
      violations: [{ sentence: expect.stringContaining('changed') }],
    });
  });

  it('rejects lines that are none, each with its bytes', async () => {
    const lines = [
      '{"id":1,"t":null,"b":null}',
      '{"id":',
      '[1]',
      '{"id":2,"t":"\\u0000"}',
      '{"id":3,"t":"\\ud800"}',
      `{"id":4,"t":"${'x'.repeat(200)}"}`,
      '{"id":6,"id":7}',
      '{"id":8,}',
    ];
    const content = Buffer.concat([
      Buffer.from(`${lines.join('\n')}\n{"id":5,"t":"`),
      Buffer.of(0xff),
      Buffer.from('"}\n'),
    ]);
    const { result, rejected } = await check(content, { recordBytesMax: 100 });
    expect(result.rows).toEqual({ in: 9, good: 1, bad: 0, rejected: 8 });
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
      [7, 'repeated-field'],
      [8, 'not-a-json-object'],
      [9, 'invalid-utf-8'],
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
