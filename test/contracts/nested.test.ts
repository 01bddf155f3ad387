import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  category,
  checkFile,
  checkRows,
  decimal,
  defineContract,
  fromOdcs,
  integer,
  list,
  number,
  row,
  struct,
  text,
  timestamp,
  toJsonSchema,
  toOdcs,
} from '#contracts';
import { defineFeatures, fitFeatures } from '#ml';
import type { DuckdbPool } from '#store';
import { toField } from '../../src/contracts/scan/fields.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';

const columns = {
  id: integer({ role: 'id' }),
  tags: list(category(['a', 'b']), { lengthMin: 1, lengthMax: 3, role: 'meta' }),
  place: struct(
    {
      lat: number({ min: -90, max: 90 }),
      price: decimal({ precision: 5, scale: 2, nullable: true }),
      seen: list(timestamp()),
    },
    { nullable: true, role: 'meta' },
  ),
};
const contract = defineContract({ name: 'visits', columns });
/** SQL takes the way through DuckDB. */
const withSql = defineContract({ name: 'visits', columns, expectations: [row('known', { holds: 'id < 1000' })] });

/** Each with whether it is good. */
const ROWS: readonly (readonly [tags: unknown, place: unknown, isGood: boolean])[] = [
  [['a'], { lat: 1.5, price: '12.50', seen: ['2026-03-01T12:00:00Z'] }, true],
  [['a', 'b', 'a'], null, true],
  [['b'], { lat: -90, seen: [], more: { any: 1 } }, true],
  [['b'], { lat: 0, price: 0.5, seen: [] }, true],
  [[], null, false],
  [['a', 'b', 'a', 'b'], null, false],
  [['c'], null, false],
  [[null], null, false],
  [[['a']], null, false],
  [['a'], { lat: 91, seen: [] }, false],
  [['a'], { lat: '1', seen: [] }, false],
  [['a'], { seen: [] }, false],
  [['a'], { lat: 1, price: '1.005', seen: [] }, false],
  [['a'], { lat: 1, seen: ['2026-02-30T12:00:00Z'] }, false],
  [['a'], { lat: 1, seen: {} }, false],
  [['a'], [1], false],
  [{ a: 1 }, null, false],
];
const GOOD = ROWS.flatMap(([, , isGood], id) => (isGood ? [id] : []));

describe('lists and structs', () => {
  let duckdb: DuckdbPool;
  let folder: string;
  beforeAll(async () => {
    duckdb = await inProcessDuckdb();
    folder = await mkdtemp(path.join(tmpdir(), 'weir-nested-'));
  });
  afterAll(async () => {
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function goodIn(name: string, under: typeof contract): Promise<readonly number[]> {
    const checked = { path: path.join(folder, name), contract: under, folder: path.join(folder, 'out'), duckdb };
    const { files } = await checkFile(checked);
    const lines = files.good === undefined ? [] : (await readFile(files.good, 'utf8')).trim().split('\n').slice(1);
    return lines.map((line) => Number.parseInt(line, 10));
  }

  it.each([
    ['in one pass', contract],
    ['where DuckDB decides the rest', withSql],
  ])('are checked part by part in CSV and in JSON lines, %s', async (_, under) => {
    const jsonOf = (value: unknown): string => (value === null ? '' : toField(JSON.stringify(value), ','));
    const lines = ROWS.map(([tags, place], id) => `${id},${jsonOf(tags)},${jsonOf(place)}`);
    await writeFile(path.join(folder, 'in.csv'), `id,tags,place\n${lines.join('\n')}\n99,[1,},\n98,"[""a""",\n`);
    expect(await goodIn('in.csv', under)).toEqual(GOOD);
    const objects = ROWS.map(([tags, place], id) => JSON.stringify({ id, tags, place }));
    await writeFile(path.join(folder, 'in.ndjson'), `${objects.join('\n')}\n`);
    expect(await goodIn('in.ndjson', under)).toEqual(GOOD);
  });

  it('are read from the nested types of Parquet', async () => {
    const file = path.join(folder, 'in.parquet');
    const select =
      "select * from (values (1, ['a', 'b'], {'lat': 1.5, 'seen': ['2026-03-01T12:00:00Z']}), (2, ['x'], null)) t(id, tags, place)";
    await duckdb.use((connection) => connection.run(`copy (${select}) to '${file}' (format parquet)`));
    expect(await goodIn('in.parquet', contract)).toEqual([1]);
  });

  it('are arrays and objects, or their JSON, in rows', () => {
    const { indexes, rows, problems } = checkRows(
      contract,
      ROWS.map(([tags, place], id) => ({ id, tags, place })),
    );
    expect(indexes).toEqual(GOOD);
    expect(rows[0]?.tags).toBe('["a"]');
    expect(problems.find(({ row }) => row === 4)?.expected).toBe(
      'a list in JSON of at least 1 items and at most 3 items, each one of "a", "b"',
    );
    expect(checkRows(contract, [{ id: 1, tags: '["b"]', place: '' }]).indexes).toEqual([0]);
    expect(checkRows(contract, [{ id: 1, tags: '[1,]', place: '' }]).indexes).toEqual([]);
  });

  it('are kept by a document, and described by a schema', () => {
    expect(fromOdcs(toOdcs(contract)).columns).toEqual(contract.columns);
    const { tags, place } = toJsonSchema(contract).properties;
    expect(tags).toEqual({ type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 1, maxItems: 3 });
    expect(place).toMatchObject({ type: ['object', 'null'], required: ['lat', 'seen'] });
  });

  it('are no features of a model', () => {
    const { id, tags } = columns;
    const model = defineContract({
      name: 'm',
      columns: { id, tags: { ...tags, role: 'feature' }, n: number({ role: 'label' }) },
    });
    expect(() => fitFeatures(defineFeatures({}), model, { rows: [{ tags: '["a"]', n: 1 }] })).toThrow(
      'Column "tags" is a list, which is no feature.',
    );
  });

  it.each([
    ['a list of nothing', () => list(undefined as never), 'list expects a column'],
    ['a struct without fields', () => struct({}), 'at least one field'],
    ['keys within a cell', () => list(text({ unique: true })), 'cannot have unique within a cell'],
    ['lengths that no list has', () => list(text(), { lengthMin: 2, lengthMax: 1 }), 'lengthMin ≤ lengthMax'],
  ])('are refused: %s', (_, define, message) => {
    expect(define).toThrow(message);
  });
});
