import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, integer, meanBetween, number, sumBetween } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';
import { seeded } from '../../monitor/drift/random.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  // Nothing here asks for it, so no process starts.
  duckdb = openDuckdbPool({ size: 1 });
  folder = await mkdtemp(path.join(tmpdir(), 'weir-sums-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function checked(values: readonly (number | string)[], contract: Parameters<typeof checkFile>[0]['contract']) {
  const file = path.join(folder, 'data.csv');
  await writeFile(file, `a\n${values.join('\n')}\n`);
  return (await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb })).result;
}

describe('sums and means of a pass', () => {
  it('are those of whole numbers, where a sum of doubles loses the small ones', async () => {
    const values = [Number.MAX_SAFE_INTEGER, 1, 1, -Number.MAX_SAFE_INTEGER];
    const contract = defineContract({
      name: 'sums',
      columns: { a: integer() },
      expectations: [
        sumBetween('a', { min: 2, max: 2, severity: 'fail' }),
        meanBetween('a', { min: 0.5, max: 0.5, severity: 'fail' }),
      ],
    });
    const { columns, violations } = await checked(values, contract);
    expect(columns).toEqual([{ name: 'a', nulls: 0, mean: 0.5 }]);
    expect(violations).toEqual([]);
    const off = await checked([...values, 1], contract);
    expect(off.violations.map(({ expectation, sentence }) => [expectation, sentence.split('found ')[1]])).toEqual([
      ['sum-between', '3'],
      ['mean-between', '0.6'],
    ]);
  });

  it('are as if they were rounded once, over blocks of many megabytes', async () => {
    const random = seeded(7);
    // Hundredths, so that whole numbers tell the exact sum.
    const hundredths = Array.from({ length: 400_000 }, () => Math.floor((random() - 0.3) * 1e9));
    const contract = defineContract({ name: 'sums', columns: { a: number() } });
    const { columns } = await checked(
      hundredths.map((value) => (value / 100).toFixed(2)),
      contract,
    );
    const exact = hundredths.reduce((sum, value) => sum + BigInt(value), 0n);
    expect(columns[0]?.mean).toBeCloseTo(Number(exact) / 100 / hundredths.length, 6);
    expect(Math.abs((columns[0]?.mean ?? 0) / (Number(exact) / 100 / hundredths.length) - 1)).toBeLessThan(4e-16);
  });
});
