import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Contract, category, defineContract, getCheck, integer, text, withoutValues } from '#contracts';
import { ingestPipeline, ingestRegistry, ingestTasks } from '#pipelines';
import { createWorld, runOnce, type World } from '../world.ts';

const SECRET = 'ES7621000418401234';
const columns = { id: integer({ role: 'id', unique: true }), size: category(['small', 'large']) };
const open = defineContract({ name: 'payments', columns: { ...columns, account: text({ pattern: '[A-Z]{2}' }) } });
const closed = defineContract({
  name: 'payments',
  columns: { ...columns, account: text({ pattern: '[A-Z]{2}', sensitive: true }) },
});
/** A bad cell, and a record that is no row, with the same value. */
const FILE = `id,size,account\n1,small,DE\n2,huge,${SECRET}\n3,${SECRET}\n`;
const LATER = { now: () => Date.now() + 60_000, sleep: async () => undefined };

describe('the ingestion of a file with sensitive values', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world?.close());
  beforeEach(() => world.clear());

  /** Ingests the file; gives the whole database as text, the report, and the check. */
  async function ingest(contract: Contract) {
    const { database, duckdb, folders, artifacts } = world;
    const options = {
      ...{ model: 'payments', contract, duckdb, database, folders, alertChannels: [{ name: 'webhook' }] },
      reportUrl: (id: string) => `http://127.0.0.1/reports/${id}`,
    };
    const tasks = ingestTasks(options);
    const engine = world.engine({
      tasks: ingestRegistry(tasks),
      pipelines: [ingestPipeline(options, tasks, LATER)],
    });
    await world.put('raw', 'payments.csv', FILE);
    expect(await runOnce(engine, database, 'ingest')).toMatchObject({ state: 'succeeded' });
    const tables = await database.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'weir'",
    );
    const dump: string[] = [];
    for (const { name } of tables) {
      const rows = await database.query<{ row: string }>(`select each::text as row from ${name} each`);
      dump.push(...rows.map(({ row }) => row));
    }
    const [stored] = await database.query<{ id: string }>('select id from checks');
    const check = await getCheck(database, stored?.id ?? '');
    const report = await readText(await artifacts.read(check?.reportDigest ?? ''));
    return { dump: dump.join('\n'), report, check };
  }

  it('leaves none of them in database and report when their column is sensitive', async () => {
    const { dump, report, check } = await ingest(closed);
    expect(dump).toContain('payments.csv');
    expect(dump).not.toContain(SECRET);
    expect(report).not.toContain(SECRET);
    expect(report).toContain('line 3: account <i class="muted">not shown</i>');
    const pattern = check?.violations.find(({ column }) => column === 'account');
    expect(pattern).toMatchObject({ rows: 1, examples: [{ number: 3, values: [{ column: 'account', text: null }] }] });
    const size = check?.violations.find(({ column }) => column === 'size');
    expect(size?.examples).toEqual([{ at: 'line', number: 3, values: [{ column: 'size', text: 'huge' }] }]);
    const [bad] = await world.list('bad');
    expect(await world.read('bad', bad ?? '')).toContain(SECRET);
  });

  it('leaves no value at all where none is shown', async () => {
    const { dump, report } = await ingest(withoutValues(open));
    for (const value of [SECRET, 'huge']) expect(`${dump}\n${report}`).not.toContain(value);
  });

  it('shows them in check, report and alert otherwise', async () => {
    const { report } = await ingest(open);
    expect(report).toContain(SECRET);
    const [alert] = await world.database.query<{ summary: string }>('select summary from alerts');
    expect(alert?.summary).toContain(`line 3: account "${SECRET}"`);
    expect(alert?.summary).toContain(`line 4: "3,${SECRET}"`);
  });
});
