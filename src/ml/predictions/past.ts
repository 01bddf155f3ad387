import { type Database, type ListSort, type PagedList, readPage, toWhere } from '#store';
import { labelSql } from '../labels/read.ts';
import { assertModelKnown } from './known-model.ts';
import { conditionsOf, type PastFilter, SEARCHED_TEXT } from './past-query.ts';
import { countTotal, estimateTotal, type Total } from './past-total.ts';
import { PREDICTION_COLUMNS, type PredictionRow, type StoredPrediction, toStored } from './stored.ts';

export interface PastQuery extends PastFilter {
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
  readonly sort?: PastSort | undefined;
  /** How many there are on all pages, with the first page; an estimate unless set. */
  readonly total?: 'none' | 'estimate' | 'exact';
}

export type PastSort = ListSort<'made'>;

// No index but that of the time covers every prediction, and each one more would slow down every prediction that is made.
const PREDICTIONS: PagedList<'made'> = {
  name: 'past predictions',
  table: 'predictions',
  columns: PREDICTION_COLUMNS,
  id: { sql: 'id', type: 'bigint' },
  orders: { made: { sql: 'at', type: 'timestamptz' } },
  sort: '-made',
  text: SEARCHED_TEXT,
};

/** Rows that one page looks through for a filter without an index; fewer where the labels of each are looked up. */
const LOOKED_THROUGH_MAX = 20_000;
const LOOKED_THROUGH_WITH_LABELS_MAX = 3_000;

export interface PastPage {
  readonly items: StoredPrediction[];
  readonly nextCursor: string | null;
  /** Only on the first page; absent when it would have taken too long. */
  readonly total?: Total;
  /** Where the page ended before it was full: how many predictions it looked through, and the time of the last one. */
  readonly lookedThrough?: { readonly rows: number; readonly to: string };
}

/**
 * Stored predictions a page at a time, newest first unless they are sorted, with what really happened where it is known;
 * new rows never shift a page. A filter without an index looks through a bounded number of rows for each page. Throws an
 * MlError `model_unknown` for a model that nobody knows.
 */
export async function pastPredictions(
  database: Pick<Database, 'query' | 'transaction'>,
  query: PastQuery,
): Promise<PastPage> {
  const { sort = PREDICTIONS.sort, cursor, limit } = query;
  if (query.model !== undefined) await assertModelKnown(database, query.model);
  const { indexed, sought, readsLabels } = conditionsOf(query);
  const searchedMax = readsLabels ? LOOKED_THROUGH_WITH_LABELS_MAX : LOOKED_THROUGH_MAX;
  const page = await readPage<PredictionRow, 'made'>(database, PREDICTIONS, {
    request: { ...toWhere(indexed), sought, sort, cursor, limit },
    searchedMax,
    around: (sql) => withLabels(sql, sort),
  });
  const total = cursor === undefined ? await totalOf(database, query) : undefined;
  const { items, nextCursor, searchedTo } = page;
  return {
    items: items.map(toStored),
    nextCursor,
    ...(total === undefined ? {} : { total }),
    ...(searchedTo === undefined ? {} : { lookedThrough: { rows: searchedMax, to: searchedTo } }),
  };
}

/** SQL of predictions in an order, each with the label that counts for it. */
export function withLabels(predictions: string, sort: PastSort): string {
  const direction = sort.startsWith('-') ? 'desc' : 'asc';
  return `select page.*, label.value as actual, label.observed_at from (${predictions}) as page
    left join lateral (${labelSql('page')}) as label on true order by at ${direction}, id ${direction}`;
}

async function totalOf(
  database: Pick<Database, 'query' | 'transaction'>,
  query: PastQuery,
): Promise<Total | undefined> {
  const { total = 'estimate' } = query;
  switch (total) {
    case 'none':
      return undefined;
    case 'estimate':
      return await estimateTotal(database, query);
    case 'exact':
      return (await countTotal(database, query)) ?? (await estimateTotal(database, query));
    default:
      return total satisfies never;
  }
}
