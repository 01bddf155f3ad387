import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../free-port.ts';
import { canTestSpark, type SparkServer, startSpark } from '../../../spark/sail.ts';
import { runWeir } from './run-weir.ts';

const CONTRACT = (rule: string): string => `import * as weir from 'weir';
const { defineContract, integer, number, query, requiredWhen, row, satisfies, shareBetween, text, uniqueTogether } = weir;
export const contract = defineContract({
  name: 'people',
  columns: { id: integer({ role: 'id', unique: true }), age: number({ min: 0, max: 120, nullable: true }), name: text() },
  expectations: [${rule}],
});
`;

describe.runIf(canTestSpark())('weir check --engine spark', () => {
  let server: SparkServer;
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const check = (...args: readonly string[]) =>
    runWeir(['check', 'raw', '--engine', 'spark', ...args], folder, { WEIR_ENGINES__SPARK__URL: server.url });

  beforeAll(async () => {
    server = await startSpark();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-check-spark-'));
    await mkdir(at('raw'));
    await writeFile(
      at('people.ts'),
      CONTRACT("row('adults', { holds: 'age >= 18', columns: ['age'], severity: 'warn' })"),
    );
    await writeFile(at('orders.csv'), 'order\n1\n');
    await writeFile(at('raw/b.csv'), 'id,age,name\n3,30,c\n1,20,d\n4,300,e\n');
    await writeFile(at('raw/a.csv'), 'id,age,name\n1,20,"a\nb"\n2,,b\n9,9,9,9\n');
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('checks the files of a folder as one, and parts their rows', async () => {
    const { code, out, err } = await check('--contract', 'people.ts', '--into', 'checked');
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(out).toContain('raw: fail, criticality high\n  6 rows: 3 good, 2 bad, 1 rejected\n');
    expect(out).toContain('id is different in every row');
    expect((await readdir(at('checked'))).sort()).toEqual(['bad', 'check.json', 'good', 'rejected', 'report.html']);
    expect(await readdir(at('checked/rejected'))).toEqual(['a.csv.jsonl']);
    expect(JSON.parse(await readFile(at('checked/check.json'), 'utf8')).rows).toEqual({
      in: 6,
      good: 3,
      bad: 2,
      rejected: 1,
    });
  });

  it('prints what a check of one file prints as JSON, and writes nothing', async () => {
    const { code, out } = await check('--contract', 'people.ts', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ rows: { in: 6, good: 3, bad: 2, rejected: 1 }, verdict: 'fail' });
    expect((await readdir(folder)).sort()).toEqual(expect.not.arrayContaining(['good', 'bad']));
  });

  it.each([
    [
      'SQL that it does not read',
      "row('odd', { holds: 'age <<< 3', columns: ['age'] })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a column that is not there',
      "row('odd', { holds: 'agee < 3' })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a function that it has not',
      "row('odd', { holds: 'weird(age) < 3', columns: ['age'] })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a query that it does not read',
      "query('odd', { sentence: 'none', sql: 'select count(*) filter 3 as ok from rows' })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a query of a dataset without its column',
      "query('odd', { sentence: 'none', sql: 'select count(nr) > 0 as ok from orders', datasets: ['orders'] })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a condition on rows that are compared',
      "uniqueTogether(['age', 'name'], { where: 'age ~~~ 3', name: 'odd' })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a condition on rows that need a value',
      "requiredWhen('age', { when: 'name is nil', columns: ['name'], name: 'odd' })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a condition whose rows are counted',
      "shareBetween('odd', { where: 'age >', min: 0.5, name: 'odd' })",
      'Expected SQL that Spark reads in the expectation "odd"',
    ],
    [
      'a name in quotes that it takes for a text',
      `row('quoted', { holds: '"age" > 3', columns: ['age'] })`,
      'a name in double quotes',
    ],
    [
      'a function',
      "satisfies('odd', { columns: ['id'], holds: ({ id }) => id !== 3 })",
      'Expected rules that Spark can be asked; no database runs the function',
    ],
  ])('refuses %s before it reads a row', async (_, rule, message) => {
    await writeFile(at('odd.ts'), CONTRACT(rule));
    const references = rule.includes('orders') ? ['--reference', 'orders=orders.csv'] : [];
    const { code, err } = await check('--contract', 'odd.ts', '--into', 'odd', ...references);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(message) });
    expect(await readdir(at('odd'))).toEqual([]);
  });

  it('says what is missing', async () => {
    const args = ['check', 'raw', '--contract', 'people.ts', '--engine', 'spark'];
    expect((await runWeir(args, folder)).err).toContain('Expected a cluster for --engine spark. Set engines.spark.url');
    const url = `sc://127.0.0.1:${await freePort()}`;
    expect((await runWeir(args, folder, { WEIR_ENGINES__SPARK__URL: url })).err).toContain('cannot be reached');
    expect((await check('--contract', 'people.ts', '--into', 'raw')).err).toContain(
      'Expected another folder to write to',
    );
  });
});
