import { useNavigate, useSearch } from '@tanstack/react-router';
import type { z } from 'zod';
import { fromFirstPage, tableKeys } from '../search.ts';
import { maybeSort, type Sort, toSortText } from './sort.ts';

/** The order and the search of one table, which the address of the page keeps. */
export interface TableState {
  readonly sort: Sort | undefined;
  readonly search: string;
  readonly setSort: (sort: Sort | undefined) => void;
  readonly setSearch: (search: string) => void;
}

/** What the server is asked for: the order, where it is one of its list, and the search. */
export function toListQuery<S extends string>(
  { sort, search }: Pick<TableState, 'sort' | 'search'>,
  orders: z.ZodType<S | undefined>,
): { readonly sort?: S; readonly search?: string } {
  const known = orders.safeParse(sort === undefined ? undefined : toSortText(sort)).data;
  return { ...(known === undefined ? {} : { sort: known }), ...(search === '' ? {} : { search }) };
}

/** The state of the table with this name, of which a page has one. */
export function useTableState(name: string): TableState {
  const kept = useSearch({ strict: false });
  const navigate = useNavigate();
  const keys = tableKeys(name);
  const keep = (key: (typeof keys)['sort' | 'search'], text: string) =>
    void navigate({
      to: '.',
      replace: true,
      resetScroll: false,
      search: ({ [key]: _old, ...others }) => fromFirstPage(text === '' ? others : { ...others, [key]: text }),
    });
  return {
    sort: maybeSort(kept[keys.sort]),
    search: kept[keys.search] ?? '',
    setSort: (sort) => keep(keys.sort, sort === undefined ? '' : toSortText(sort)),
    setSearch: (search) => keep(keys.search, search),
  };
}
