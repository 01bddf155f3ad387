import { expect, it } from 'vitest';
import { foldCheckCounts } from '#contracts';
import { CHECKS, DETAIL_COUNTS, DETAILS } from '../../bench/panels-fill.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';

const DAY = [new Date('2026-03-01T00:00:00Z'), 500];

it('the bench of the panels counts problems and columns as the triggers do', async () => {
  const counted = await Promise.all(
    [DETAILS, DETAIL_COUNTS].map(async (details) => {
      const database = await createTestDatabase();
      try {
        for (const sql of [CHECKS, ...details]) await database.query(sql, DAY);
        await foldCheckCounts(database);
        const [problems, columns] = await Promise.all(
          ['problem_counts', 'column_counts'].map((counts) =>
            database.query(`select * from ${counts}_folded order by width, at, source, column_name`),
          ),
        );
        return { problems, columns };
      } finally {
        await database.close();
      }
    }),
  );
  const [byTriggers, directly] = counted;
  expect(directly?.problems?.length).toBeGreaterThan(700);
  expect(directly).toEqual(byTriggers);
});
