import { definePipeline, defineProject, z } from 'weir';
import { notes, orders, rates } from './sources.ts';
import { bookTotal, convertedTotal, summary } from './tasks.ts';

export default defineProject({
  name: 'guide',
  title: 'A small shop',
  sources: [notes, orders, rates],
  tasks: ['tasks.ts'],
  pipelines: [
    definePipeline({
      name: 'nightly',
      description: 'Books and summarises a day',
      params: z.object({
        day: z.iso.date().default('2026-01-31').describe('the day to book'),
        currencies: z.array(z.string()).default([]),
      }),
      goals: ({ params: { day, currencies } }) => [
        bookTotal.goal({ day }),
        summary.goal({ day }),
        ...currencies.map((currency) => convertedTotal.goal({ day, currency })),
      ],
      // On schedule, and in a backfill, a run is for an interval.
      goalsOf: ({ from }) => [bookTotal.goal({ day: from.toISOString().slice(0, 10) })],
    }),
  ],
  prepare: async ({ connection }) => {
    await connection('shop').query(`create schema if not exists guide`);
    await connection('shop').query(`create table if not exists guide.orders (day text, item text, cents integer)`);
    await connection('shop').query(`create table if not exists guide.totals (day text primary key, cents integer)`);
    await connection('shop').query(
      `insert into guide.orders select '2026-01-31', item, cents from (values ('tea', 450), ('coffee', 300)) as o (item, cents)
       where not exists (select from guide.orders)`,
    );
  },
});
