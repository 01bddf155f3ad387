import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { isSampledText, isSampledWord, sampledRows } from '../../src/contracts/kinds/sampled.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

const asked = <Row>(sql: string): Promise<readonly Row[]> => duckdb.use((connection) => connection.all<Row>(sql));

describe('a sample by the hash of values', () => {
  it.each([2, 3, 7, 20, 4001])('takes the rows that DuckDB takes, one in about %i', async (stride) => {
    const rows = await asked<{ row: number }>(`select r as row from range(50000) t(r) where hash(r) % ${stride} = 0`);
    expect([...sampledRows(50_000, stride)]).toEqual(rows.map(({ row }) => row));
  });

  it('takes the texts that DuckDB takes, whatever their length', async () => {
    const texts = `select repeat(chr((97 + r % 25)::int) || 'é', (r % 40)::int) || r as text from range(4000) t(r)`;
    const rows = await asked<{ text: string; isIn: boolean }>(
      `select text, hash(text) % 16 = 0 as "isIn" from (${texts})`,
    );
    expect(rows.filter(({ isIn }) => isIn).length).toBeGreaterThan(100);
    expect(rows.filter(({ text, isIn }) => isSampledText(Buffer.from(text)) !== isIn)).toEqual([]);
  });

  it('takes the numbers that DuckDB takes', async () => {
    const rows = await asked<{ number: number; isIn: boolean }>(
      `select number, hash(number) % 16 = 0 as "isIn" from (select (r - 2000) * 1.37::double as number from range(4000) t(r))`,
    );
    const [number, halves] = [new Float64Array(1), new Uint32Array(2)];
    const isIn = (value: number): boolean => {
      number[0] = value + 0;
      halves.set(new Uint32Array(number.buffer));
      return isSampledWord(halves[0] ?? 0, halves[1] ?? 0);
    };
    expect(rows.filter((each) => isIn(each.number) !== each.isIn)).toEqual([]);
  });
});
