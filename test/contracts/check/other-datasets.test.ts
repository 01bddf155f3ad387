import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Contract,
  checkFile,
  datasetsNamedBy,
  date,
  defineContract,
  type Expectation,
  fromOdcs,
  inEnvironment,
  inRange,
  integer,
  keysIn,
  number,
  query,
  rowCountMatches,
  text,
  toOdcs,
  withoutDatasets,
} from '#contracts';
import { toField } from '../../../src/contracts/scan/fields.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { countedWorld } from '../counted-world.ts';

const { duckdb, statementsOf, folder } = await countedWorld('there');

const optional = { nullable: true, severity: 'warn' } as const;
const columns = {
  order: integer({ unique: true }),
  customer: integer(optional),
  day: date(optional),
  note: text(optional),
  price: number(optional),
};
const CUSTOMER = keysIn('customer', { dataset: 'customers', columnsThere: 'id' });

async function place(name: string, content: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

const ORDERS =
  'order,customer,day,note,price\n1,7,2026-01-01,a,1\n2,8,2026-01-02,b,2\n3,,,c,3\n4,07,2026-01-01,"a",4\n';

/** What a check of orders finds when it is given these datasets. */
async function checked(expectations: readonly Expectation[], there: Readonly<Record<string, string>>, orders = ORDERS) {
  const contract = defineContract({ name: 'orders', columns, expectations });
  const references = Object.fromEntries(
    await Promise.all(
      Object.entries(there).map(async ([name, content]) => [name, await place(`${name}.csv`, content)] as const),
    ),
  );
  const out = path.join(folder, 'out');
  const file = await place('orders.csv', orders);
  const { result, files } = await checkFile({ path: file, contract, references, folder: out, duckdb });
  const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trimEnd().split('\n').slice(1);
  return {
    result,
    bad: bad.map((line) => line.split(',')[1]),
    sentences: result.violations.map(({ sentence }) => sentence),
  };
}

describe('keysIn', () => {
  it('finds the rows whose values are not in another dataset, with their lines, and says which version that is', async () => {
    const customers = 'name,id\nAda,7\nBob,9\nNobody,\n';
    const { result, bad, sentences } = await checked([CUSTOMER], { customers });
    expect(bad).toEqual(['2']);
    expect(sentences).toEqual(['customer is in customers as id']);
    expect(result.violations[0]?.examples).toEqual([
      { at: 'line', number: 3, values: [{ column: 'customer', text: '8' }] },
    ]);
    const digest = createHash('sha256').update(customers).digest('hex');
    expect(result.references).toEqual([{ dataset: 'customers', digest, rows: 3 }]);
  });

  it('compares several columns together, by their kinds here', async () => {
    const rule = keysIn(['customer', 'day'], { dataset: 'visits', columnsThere: ['who', 'at'] });
    const visits = 'at,who\n2026-01-01T00:00:00Z,7.0\n2026-01-02,7\n2026-01-01,8\n';
    expect((await checked([rule], { visits })).bad).toEqual(['2']);
  });

  it('takes conditions, tolerances, severities, and itself as a condition', async () => {
    const customers = 'id\n7\n';
    const named = { dataset: 'customers', columnsThere: 'id' } as const;
    expect((await checked([keysIn('customer', { ...named, where: 'price > 2' })], { customers })).bad).toEqual([]);
    expect((await checked([keysIn('customer', { ...named, atLeast: 0.75 })], { customers })).bad).toEqual([]);
    expect((await checked([keysIn('customer', { ...named, atLeast: 0.8 })], { customers })).bad).toEqual(['2']);
    const warned = await checked([keysIn('customer', { ...named, severity: 'warn' })], { customers });
    expect([warned.bad, warned.result.verdict]).toEqual([[], 'warn']);
    expect((await checked([inRange('price', { max: 1, where: CUSTOMER })], { customers })).bad).toEqual(['4']);
  });

  it('finds every row that has a value where the dataset has no row, or not even a header', async () => {
    for (const customers of ['id\n', ''])
      expect((await checked([CUSTOMER], { customers })).bad).toEqual(['1', '2', '4']);
  });

  it('refuses to check without the dataset, or without its column, and says what to do', async () => {
    await expect(checked([CUSTOMER], {})).rejects.toThrow(
      'The contract "orders" compares files with the dataset "customers"; got no such dataset. Give it by --reference customers=<file>, or under references in project.ts.',
    );
    await expect(checked([CUSTOMER], { customers: 'number\n7\n' })).rejects.toThrow(
      'Expected the column "id" in the dataset "customers"; it has number.',
    );
    const contract = defineContract({ name: 'orders', columns, expectations: [CUSTOMER] });
    const options = { path: await place('orders.csv', ORDERS), contract, folder: path.join(folder, 'out'), duckdb };
    const gone = checkFile({ ...options, references: { customers: path.join(folder, 'gone.csv') } });
    await expect(gone).rejects.toThrow(/gone.csv" cannot be opened to be read/);
  });

  it('finds what a set of values finds, for any rows and keys', async () => {
    const cell = fc.constantFrom('', '1', '01', '2', '3', 'x', 'a', 'a,b', 'é', '"');
    const row = fc.tuple(cell, cell);
    const property = fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.array(row), async (here, there) => {
      const written = (rows: readonly (readonly string[])[]) =>
        rows.map((cells) => cells.map((each) => toField(each, ',')).join(','));
      const orders = ['order,customer,note', ...written(here).map((line, index) => `${index},${line}`)].join('\n');
      const people = ['id,name', ...written(there.map(([id, name]) => [id, name === '' ? 'none' : name]))].join('\n');
      const value = (id: string): string => (/^\d+$/.test(id) ? String(Number(id)) : '');
      const known = new Set(there.map(([id, name]) => `${value(id)} ${name === '' ? 'none' : name}`));
      const expected = here.flatMap(([id, name], index) =>
        value(id) === '' || name === '' || known.has(`${value(id)} ${name}`) ? [] : [String(index)],
      );
      const rule = keysIn(['customer', 'note'], { dataset: 'people', columnsThere: ['id', 'name'] });
      const small = defineContract({
        name: 'small',
        columns: { order: integer(), customer: columns.customer, note: columns.note },
        expectations: [rule],
      });
      const references = { people: await place('people.csv', `${people}\n`) };
      const file = await place('orders.csv', `${orders}\n`);
      const { files } = await checkFile({
        path: file,
        contract: small,
        references,
        folder: path.join(folder, 'out'),
        duckdb,
      });
      const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trimEnd().split('\n').slice(1);
      expect(bad.map((line) => line.split(',')[1])).toEqual(expected);
    });
    await fc.assert(property, { numRuns: propertyRuns(25), seed: 20261201 });
  });
});

describe('rowCountMatches', () => {
  const invoices = 'number\n1\n2\n3\n';

  it('compares the rows of a file with those of another dataset, without a database', async () => {
    const rule = rowCountMatches({ dataset: 'invoices', severity: 'warn' });
    const found: unknown[] = [];
    const statements = await statementsOf(async () => {
      found.push(
        (await checked([rule], { invoices })).sentences,
        (await checked([rule], { invoices: `${invoices}4\n` })).sentences,
      );
    });
    expect(found).toEqual([['the file has as many rows as invoices; found 4 rows, and 3 there'], []]);
    expect(statements).toBe(0);
  });

  it('takes shares, and rows that are asked', async () => {
    const dataset = 'invoices';
    expect((await checked([rowCountMatches({ dataset, min: 1, max: 1.5 })], { invoices })).sentences).toEqual([]);
    expect((await checked([rowCountMatches({ dataset, max: 1.2 })], { invoices })).sentences).toEqual([
      'the file has at most 1.2 rows for each row of invoices; found 4 rows, and 3 there',
    ]);
    expect(
      (await checked([rowCountMatches({ dataset, where: 'customer is not null' })], { invoices })).sentences,
    ).toEqual([]);
  });

  it('is met by no row for none, and by any number where there is only a least', async () => {
    const dataset = 'invoices';
    const empty = { invoices: 'number\n' };
    expect((await checked([rowCountMatches({ dataset })], empty)).result.verdict).toBe('fail');
    expect((await checked([rowCountMatches({ dataset, min: 1 })], empty)).result.verdict).toBe('pass');
    expect(
      (await checked([rowCountMatches({ dataset })], empty, 'order,customer,day,note,price\n')).result.verdict,
    ).toBe('warn');
  });
});

describe('query', () => {
  it('has other datasets as tables of texts', async () => {
    const rule = query('same-total', {
      sql: `select sum(price) = (select sum(amount::double) from invoices) as ok, sum(price) as observed from rows`,
      sentence: 'orders and invoices have one total',
      datasets: ['invoices'],
    });
    expect((await checked([rule], { invoices: 'amount,no\n9,a\n1,"b,c"\n' })).sentences).toEqual([]);
    expect((await checked([rule], { invoices: 'amount\n9\n' })).sentences).toEqual([
      'orders and invoices have one total; found 10',
    ]);
    await expect(checked([rule], {})).rejects.toThrow('got no such dataset');
  });
});

describe('a contract that names other datasets', () => {
  it('needs none in an environment whose files lack the columns, or where no rule names one', async () => {
    const some = { ...columns, customer: integer({ ...optional, environments: ['training'] }) };
    const contract = defineContract({
      ...{ name: 'orders', columns: some, environments: ['training', 'serving'], expectations: [CUSTOMER] },
    });
    const serving = inEnvironment(contract, 'serving');
    expect([datasetsNamedBy(contract), datasetsNamedBy(serving)]).toEqual([['customers'], []]);
    expect(withoutDatasets(contract).expectations).toEqual([]);
    const file = await place('orders.csv', 'order,day,note,price\n1,,,\n');
    const { result } = await checkFile({ path: file, contract: serving, folder: path.join(folder, 'out'), duckdb });
    expect([result.verdict, result.references]).toEqual(['pass', undefined]);
  });

  it('is the same after a document was made of it', async () => {
    const asked = { sql: 'select true as ok from invoices', sentence: 'it is there', datasets: ['invoices'] };
    const expectations = [CUSTOMER, rowCountMatches({ dataset: 'invoices', min: 0.5 }), query('there', asked)];
    const contract = defineContract({ name: 'orders', columns, expectations });
    const again = await fromOdcs(toOdcs(contract));
    expect(again.expectations.map(({ rule }) => rule)).toEqual(expectations.map(({ rule }) => rule));
    expect(again.unchecked).toBeUndefined();
  });

  const documentOf = (ofColumn: unknown, ofTable: unknown) =>
    JSON.stringify({
      ...{ apiVersion: 'v3.1.0', kind: 'DataContract' },
      schema: [
        {
          name: 'orders',
          properties: [
            { name: 'customer', logicalType: 'integer', relationships: ofColumn },
            { name: 'day', logicalType: 'date' },
          ],
          relationships: ofTable,
        },
      ],
    });

  it('is what the relationships of a document say, with the datasets that are given', () => {
    const document = documentOf(
      [{ to: 'customers.id' }, { type: 'foreignKey', to: 'schema/all_people/properties/number' }],
      [{ type: 'foreignKey', from: ['orders.customer', 'orders.day'], to: ['visits.who', 'visits.day'] }],
    );
    const reasons = (contract: Contract) =>
      (contract.unchecked ?? []).map(({ path: at, reason }) => `${at}: ${reason}`);
    const none = fromOdcs(document);
    expect(none.expectations).toEqual([]);
    expect(reasons(none)).toEqual([
      'orders.customer.relationships[0]: it is about another table: --reference customers=<file> checks it',
      'orders.customer.relationships[1]: it is about another table: --reference all_people=<file> checks it',
      'orders.relationships[0]: it is about another table: --reference visits=<file> checks it',
    ]);
    const some = fromOdcs(document, { datasets: ['customers', 'all_people', 'visits'] });
    expect(some.expectations.map(({ sentence }) => sentence)).toEqual([
      'customer is in customers as id',
      'customer is in all_people as number',
      'customer and day are in visits as who and day',
    ]);
    expect(some.unchecked).toBeUndefined();
  });

  it.each([
    ['no place', [{ to: 'customers' }]],
    ['no text', [{ to: 7 }]],
    ['nothing', [null]],
    ['more columns there than here', [{ to: ['customers.id', 'customers.name'] }]],
  ])('leaves relationships unchecked that name %s', (_, relationships) => {
    const { unchecked = [], expectations } = fromOdcs(documentOf(relationships, []), { datasets: ['customers'] });
    expect([expectations, unchecked.map(({ reason }) => reason)]).toEqual([
      [],
      ['it is about another table, in a form that the check does not know'],
    ]);
  });

  it.each([
    [() => keysIn('a', { dataset: 'Their Customers' }), 'letters, digits, dashes and underscores'],
    [() => keysIn(['a', 'b'], { dataset: 'c', columnsThere: 'id' }), 'got 2 here and 1 there'],
    [() => keysIn([], { dataset: 'c' }), 'got 0 here'],
    [() => rowCountMatches({ dataset: 'rows' }), 'got "rows"'],
    [() => rowCountMatches({ dataset: 'c', min: 2, max: 1 }), 'expects min ≤ max'],
    [() => rowCountMatches({ dataset: 'c', max: -1 }), 'expects bounds from 0'],
  ])('is refused where it says nothing: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});
