import { type PastQuery, pastPredictions } from '#ml';
import type { Database } from '#store';
import { duration, median, table } from './table.ts';

const LIMIT = 50;

/** Lists of past predictions as the page asks for them, also such as find nothing. */
const LISTS: Readonly<Record<string, (to: Date) => Partial<PastQuery>>> = {
  'the newest': () => ({}),
  'the newest, without a total': () => ({ total: 'none' }),
  'of a source': () => ({ source: 'webapp' }),
  'of a version': () => ({ model: 'made@1' }),
  'of a class': () => ({ prediction: 'yes' }),
  'of a value of a feature': () => ({ features: [{ column: 'amount', is: 'equal', value: 500 }] }),
  'of a week, two months ago': (to) => ({ from: daysBefore(to, 67), toExclusive: daysBefore(to, 60) }),
  'of a value that no row has': () => ({ features: [{ column: 'amount', is: 'equal', value: 5000 }] }),
  'of a range that no row is in': () => ({ features: [{ column: 'amount', is: 'min', value: 5000 }] }),
  'of a class that was never predicted': () => ({ prediction: 'maybe' }),
  'of a row that was never predicted': () => ({ row: { model: 'made', id: 'none' } }),
  'of a request that never came': () => ({ request: 'none' }),
  'of words that no row has': () => ({ search: 'nowhere' }),
  'that turned out wrong, without labels': () => ({ isCorrect: false }),
};

/** How long a page of each list takes; also the one after it, where there is one. */
export async function measurePages(database: Database, { to, rounds }: { readonly to: Date; readonly rounds: number }) {
  const rows: string[][] = [];
  for (const [what, queryOf] of Object.entries(LISTS)) {
    const query: PastQuery = { limit: LIMIT, ...queryOf(to) };
    const first = await time(() => pastPredictions(database, query), rounds);
    const { items, nextCursor } = await pastPredictions(database, query);
    const next =
      nextCursor === null
        ? undefined
        : await time(() => pastPredictions(database, { ...query, cursor: nextCursor }), rounds);
    rows.push([what, String(items.length), duration(first), next === undefined ? '–' : duration(next)]);
  }
  return `### A page of ${LIMIT} past predictions\n\n${table(['', 'found', 'first page', 'the next'], rows)}`;
}

async function time(work: () => Promise<unknown>, rounds: number): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < Math.max(3, rounds); round += 1) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

function daysBefore(to: Date, days: number): Date {
  return new Date(to.getTime() - days * 86_400_000);
}
