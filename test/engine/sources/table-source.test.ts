import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableSource } from '#engine';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
  await bench.database.query('create schema shop');
  await bench.database.query(
    'create table shop."Sales of" (day date, "the item" text, price numeric(10, 2), at timestamptz)',
  );
});
afterAll(() => bench.close());

const sales = () =>
  tableSource({ name: 'sales', connection: bench.database, table: 'shop.Sales of', partitionBy: 'day' });
const insert = (day: string | null, item: string, price: number) =>
  bench.database.query(`insert into shop."Sales of" values ($1, $2, $3, '2026-03-29T01:30:00Z')`, [day, item, price]);

describe('a table as a source', () => {
  it('has a partition for each value of the column, with the digest of what is read', async () => {
    expect(await sales().list()).toEqual([]);
    await insert('2026-01-02', 'tea "green"\nleaf', 2.5);
    await insert('2026-01-01', 'bread', 3);
    await insert('2026-01-01', 'apple', 1);
    const source = sales();
    const listed = await source.list();
    expect(listed.map(({ name }) => name).sort()).toEqual(['2026-01-01', '2026-01-02']);
    for (const { name, digest } of listed) {
      const content = (await source.read(name)) as Uint8Array;
      expect(createHash('sha256').update(content).digest('hex')).toBe(digest);
      const lines = Buffer.from(content).toString().trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line) as { day: string }).map(({ day }) => day)).toEqual(
        lines.map(() => name),
      );
    }
  });

  it('says the same of the same rows in another order', async () => {
    const before = new Map((await sales().list()).map(({ name, digest }) => [name, digest]));
    await bench.database.query(`delete from shop."Sales of" where day = '2026-01-01'`);
    await insert('2026-01-01', 'apple', 1);
    await insert('2026-01-01', 'bread', 3);
    expect(new Map((await sales().list()).map(({ name, digest }) => [name, digest]))).toEqual(before);
    await bench.database.query(`update shop."Sales of" set price = 4 where "the item" = 'bread'`);
    const after = new Map((await sales().list()).map(({ name, digest }) => [name, digest]));
    expect(after.get('2026-01-01')).not.toBe(before.get('2026-01-01'));
    expect(after.get('2026-01-02')).toBe(before.get('2026-01-02'));
  });

  it('reads a connection by its name, once it has it', async () => {
    const source = tableSource({ name: 'sales', connection: 'shop', table: 'shop.Sales of', partitionBy: 'day' });
    await expect(source.list()).rejects.toThrow('reads connection shop, which nobody opened');
    const asked: string[] = [];
    source.connect((name) => {
      asked.push(name);
      return bench.database;
    });
    expect(await source.list()).toEqual(await sales().list());
    expect(asked).toEqual(['shop']);
  });

  it('refuses rows that belong to no partition, and partitions without rows', async () => {
    await expect(sales().read('1999-01-01')).rejects.toThrow('No row');
    await insert(null, 'lost', 0);
    await expect(sales().list()).rejects.toThrow('have no day');
  });
});
