import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineContract, number, type Profile, profileFile, text } from '#contracts';
import { countedWorld } from '../counted-world.ts';

const { duckdb, statementsOf, folder } = await countedWorld('profile-groups');

const ROWS = 10_050;
/** Cells by row; of each kind, and a guess from the first 10,000 rows that a later one proves wrong. */
const COLUMNS: readonly ((row: number) => string)[] = [
  (row) => String(row),
  (row) => (row % 7 === 0 ? '' : String((row % 50) / 4)),
  (row) => (row === ROWS - 1 ? 'late' : String(row % 3)),
  (row) => (row > ROWS - 3 ? '1.5' : ''),
  (row) => `2026-01-${String((row % 28) + 1).padStart(2, '0')}`,
  (row) => `2026-01-01T${String(row % 24).padStart(2, '0')}:00:00Z`,
  (row) => (row % 2 === 0 ? 'true' : 'FALSE'),
  (row) => 'a,"b'.repeat(row % 60),
  () => '',
  (row) => (row % 2 === 0 ? '1e300' : '-1e308'),
  ...Array.from({ length: 5 }, (_, factor) => (row: number) => String((row * (factor + 1)) % 97)),
];

async function file(): Promise<string> {
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = Array.from({ length: ROWS }, (_, row) => COLUMNS.map((cell) => quoted(cell(row))).join(','));
  const csv = path.join(folder, 'in.csv');
  await writeFile(csv, `${[COLUMNS.map((_, index) => `c${index}`).join(','), ...lines].join('\n')}\n`);
  return csv;
}

/** The same up to the last digits of sums, which depend on the order in which threads add up. */
function expectSame(one: Profile, other: Profile): void {
  const rounded = (profile: Profile): unknown =>
    JSON.parse(
      JSON.stringify(profile, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
    );
  expect(rounded(one)).toEqual(rounded(other));
}

describe('a profile in groups of columns', () => {
  it('says the same of a file as in one, correlations of columns that stand apart included', async () => {
    const csv = await file();
    const whole = await profileFile({ path: csv, duckdb, provesUnique: true, groupColumns: 1000 });
    expectSame(await profileFile({ path: csv, duckdb, provesUnique: true, groupColumns: 4 }), whole);
    expect(new Set(whole.columns.map(({ kind }) => kind)).size).toBe(6);
    expect(whole.correlations.length).toBeGreaterThan(20);
  });

  it('says the same of a Parquet file, and of one with a contract', async () => {
    const parquet = path.join(folder, 'in.parquet');
    await duckdb.use((connection) =>
      connection.run(
        `copy (select range as a, range::double / 3 as b, 'x' || range % 5 as c, date '2026-01-01' + range::int % 9 as d from range(500)) to '${parquet}'`,
      ),
    );
    const contract = defineContract({ name: 'x', columns: { c: text(), A: number() } });
    const profiled = (groupColumns: number) => profileFile({ path: parquet, duckdb, groupColumns });
    expect(await statementsOf(() => profiled(1))).toBeGreaterThan(await statementsOf(() => profiled(100)));
    for (const options of [{}, { contract }]) {
      const whole = await profileFile({ path: parquet, duckdb, ...options });
      expectSame(await profileFile({ path: parquet, duckdb, groupColumns: 1, ...options }), whole);
    }
  });
});
