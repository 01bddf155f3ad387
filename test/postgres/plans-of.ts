import type { Database, Queryable } from '#store';

/** The plans of the statements that some work sends, joined. */
export async function plansOf(database: Database, work: (queryable: Queryable) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  await work({
    query: async (sql, values = []) => {
      const lines = await database.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${String(sql)}`, values);
      plans.push(...lines.map((line) => line['QUERY PLAN']));
      return database.query(sql, values);
    },
  });
  return plans.join('\n');
}
