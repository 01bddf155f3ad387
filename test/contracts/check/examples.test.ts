import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CheckOutcome,
  type Contract,
  category,
  checkFile,
  defineContract,
  integer,
  number,
  query,
  row,
  smallestBetween,
  text,
  uniqueTogether,
  withoutValues,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { literal } from '../../../src/contracts/sql.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const COLUMNS = {
  id: integer({ role: 'id', unique: true }),
  age: number({ min: 0, max: 120, nullable: true }),
  sex: category(['female', 'male'], { severity: 'warn' }),
  note: text({ nullable: true, role: 'meta' }),
} as const;
const people = defineContract({
  name: 'people',
  columns: COLUMNS,
  expectations: [
    row('adults', { holds: "age >= 18 or sex <> 'male'", sentence: 'men are adults' }),
    uniqueTogether(['age', 'note'], { severity: 'warn' }),
  ],
});

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-examples-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function check(
  content: string,
  { contract = people, name = 'in.csv' }: { contract?: Contract; name?: string } = {},
) {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
}

/** Each violation with its examples as a person would write them. */
function examplesIn({ result }: CheckOutcome): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    result.violations.map(({ expectation, examples = [] }) => [
      expectation,
      examples.map(({ at, number: place, values }) =>
        [`${at} ${place}`, ...values.map(({ column, text: shown }) => `${column ?? 'record'} ${shown}`)].join(', '),
      ),
    ]),
  );
}

describe('examples of violations', () => {
  it('name the line and the value as it stands in the file', async () => {
    const outcome = await check(
      'id,age,sex,note\r\n1,22,female,"two\r\nlines"\r\n\r\n2,1_000,male,a\r\n3,-5,other,b\r\n3,30,,b\r\n4,12,male,c\r\n5,30,male,b\r\n',
    );
    expect(examplesIn(outcome)).toEqual({
      unique: ['line 7, id 3'],
      'of-type': ['line 5, age 1_000'],
      'in-range': ['line 6, age -5'],
      'not-null': ['line 7, sex '],
      'in-set': ['line 6, sex other'],
      adults: ['line 8, age 12, sex male'],
      'unique-together': ['line 9, age 30, note b'],
    });
  });

  it('are the first five, each shortened', async () => {
    const long = `x${'🙂'.repeat(300)}`;
    const rows = Array.from(
      { length: 40 },
      (_, index) => `${index},${index % 2 === 0 ? 200 + index : 20},male,n${index}`,
    );
    const outcome = await check(`id,age,sex,note\n${rows.join('\n')}\n41,1,${long},z\n`);
    expect(examplesIn(outcome)['in-range']).toEqual([2, 4, 6, 8, 10].map((line) => `line ${line}, age ${198 + line}`));
    expect(examplesIn(outcome)['in-set']).toEqual([`line 42, sex x${'🙂'.repeat(98)}…`]);
  });

  it('are the same in large files, whose violations are counted by DuckDB, also when they only warn', async () => {
    const rows = Array.from(
      { length: 30_000 },
      (_, index) => `${index},20,${index % 7000 === 6999 ? 'odd' : 'male'},n${index}`,
    );
    const outcome = await check(`id,age,sex,note\n${rows.join('\n')}\n`);
    expect(outcome.result.verdict).toBe('warn');
    expect(examplesIn(outcome)['in-set']).toEqual(
      [7001, 14_001, 21_001, 28_001].map((line) => `line ${line}, sex odd`),
    );
  });

  it('show records that are no rows', async () => {
    const outcome = await check('id,age,sex,note\n1,22,female,a\n2,22\n3,22,male,a,b\n');
    expect(examplesIn(outcome)).toMatchObject({
      'too-few-fields': ['line 3, record 2,22'],
      'too-many-fields': ['line 4, record 3,22,male,a,b'],
    });
  });

  it('count rows in Parquet, which has no lines, and lines in NDJSON', async () => {
    const parquet = path.join(folder, 'in.parquet');
    await duckdb.use((connection) =>
      connection.run(
        `copy (select * from (values (1, 20.5, 'male', 'a'), (2, 400, 'male', 'b')) t(id, age, sex, note)) to ${literal(parquet)} (format parquet)`,
      ),
    );
    const outcome = await checkFile({ path: parquet, contract: people, folder: path.join(folder, 'out'), duckdb });
    expect(examplesIn(outcome)['in-range']).toEqual(['row 2, age 400.0']);
    const lines = await check(
      '{"id":1,"age":22,"sex":"male","note":"a"}\n{"id":2,"age":4e2,"sex":"male","note":"b"}\nnope\n',
      {
        name: 'in.ndjson',
      },
    );
    expect(examplesIn(lines)).toMatchObject({
      'in-range': ['line 2, age 4e2'],
      'not-a-json-object': ['line 3, record nope'],
    });
  });
});

const SECRET = '77314242';

describe('a sensitive column', () => {
  const columns = {
    id: integer({ role: 'id' }),
    card: integer({ max: 9999, sensitive: true, role: 'meta' }),
    age: number({ min: 0, max: 120 }),
  };
  const secret = defineContract({
    name: 'accounts',
    columns,
    expectations: [
      row('card-before-age', { holds: 'card < age', columns: ['card', 'age'] }),
      smallestBetween('card', { max: 1, severity: 'fail' }),
      query('any-column', { sentence: 'any', sql: 'select false as ok, max(card) as observed from rows' }),
    ],
  });

  it('gives the lines and the number of its bad cells and no value, wherever it stands', async () => {
    const content = `id,card,age\n1,${SECRET},400\n2,${SECRET}\n3,${SECRET}x,20\n4,"${SECRET}\n`;
    const outcome = await check(content, { contract: secret });
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
    expect(examplesIn(outcome)).toMatchObject({
      'of-type': ['line 4, card null'],
      'in-range': ['line 2, age 400'],
      'card-before-age': ['line 2, card null, age 400'],
      'too-few-fields': ['line 3, record null'],
      'unterminated-quote': ['line 5, record null'],
    });
    expect(outcome.result.violations.map(({ sentence }) => sentence)).toContain(
      'the smallest card is at most 1; found a value that is not shown',
    );
    expect(await readFile(outcome.files.bad ?? '', 'utf8')).toContain(SECRET);
  });

  it('hides names that the contract does not know, because a file without a header has values there', async () => {
    const outcome = await check(`1,${SECRET},20\n2,4242,30\n`, { contract: secret });
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
    expect(outcome.result.violations.map(({ column }) => column)).toContain('number 2');
  });

  it('is not quoted by errors of DuckDB', async () => {
    const broken = defineContract({
      name: 'broken',
      columns: { code: text({ sensitive: true }) },
      expectations: [row('first', { holds: 'code::integer >= (select min(range) from range(2))' })],
    });
    const failure = await check(`code\n${SECRET}x\n`, { contract: broken }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'check_failed' });
    expect(inspect(failure, { depth: 5 })).not.toContain(SECRET);
    expect(String(failure)).toContain('Conversion Error');
  });

  it('is every column of a contract without values', async () => {
    const open = { ...secret, columns };
    const shown = await check(`id,card,age\n1,12,400\n`, {
      contract: withoutValues({ ...people, columns: open.columns, expectations: [] }),
    });
    expect(examplesIn(shown)).toEqual({ 'in-range': ['line 2, age null'] });
    expect(shown.result.columns.filter(({ mean }) => mean !== undefined)).toEqual([]);
  });
});
