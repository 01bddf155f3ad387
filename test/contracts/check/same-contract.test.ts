import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, category, checkFile, defineContract, integer, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const define = (): Contract =>
  defineContract({
    name: 'people',
    columns: {
      id: integer({ unique: true, max: 100 }),
      sex: category(['female', 'male']),
      note: text({ optional: true, unique: true, nullable: true, lengthMax: 5 }),
    },
  });

/** Files that ask for different plans: other orders, columns, delimiters and line ends. */
const FILES = [
  'id,sex,note\n1,male,a\n1,other,b\n101,female,a\n',
  'note,id,sex\na,1,male\nb,1,other\na,101,female\n',
  'id;sex;note\n1;male;too long\n2;male;"a;b"\n',
  'id,sex,note\r\n1,male,a\r\n2,none,a\r\n',
  'id,sex\n1,male\n2,none\n',
  'id,sex,note,more\n1,male,a,\n3,female,a,x\nx,female,,\n',
];

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-same-contract-'));
  for (const [at, content] of FILES.entries()) await writeFile(path.join(folder, `${at}.csv`), content);
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function check(at: number, { contract, out }: { readonly contract: Contract; readonly out: string }) {
  const into = path.join(folder, out);
  const { result, files } = await checkFile({ path: path.join(folder, `${at}.csv`), contract, folder: into, duckdb });
  const { durationMs: _, ...found } = result;
  const parts = [files.good, files.bad, files.rejected].map((part) => part && readFile(part, 'utf8'));
  return { found, parts: await Promise.all(parts) };
}

describe('a contract that many files are checked against', () => {
  it('says of each what a new contract says, in whatever order they come and side by side', async () => {
    const alone = await Promise.all(FILES.map((_, at) => check(at, { contract: define(), out: `alone-${at}` })));
    const contract = define();
    const order = [0, 1, 0, 2, 3, 4, 5, 0, 5, 4, 3, 2, 1, 0];
    for (const [turn, at] of order.entries())
      expect(await check(at, { contract, out: `turn-${turn}` })).toEqual(alone[at]);
    const beside = await Promise.all(order.map((at, turn) => check(at, { contract, out: `beside-${turn}` })));
    expect(beside).toEqual(order.map((at) => alone[at]));
  });
});
