import { useNavigate, useSearch } from '@tanstack/react-router';
import { tableKeys } from '../search.ts';
import type { Cursors } from './page-numbers.ts';

/** Rows of a page. */
export const PAGE_ROWS = 50;

/** The page of one table, which the address keeps by its number and by the cursor at which it starts. */
export interface PageState {
  readonly page: number;
  /** What the server is asked for. */
  readonly request: { readonly cursor?: string; readonly limit: number };
  /** The pages that were seen. */
  readonly known: Cursors;
  readonly go: (page: number, cursor: string | undefined) => void;
}

/** Where pages start that were seen since the tab was opened, by table, order, search and filter. */
const seen = new Map<string, Map<number, string | undefined>>();
/** Each is small; a tab that is open for weeks must not keep them all. */
const SEEN_MAX = 200;

/** The page of the table with this name; `filter` is all else that decides what is on it. */
export function usePages(name: string, filter: unknown): PageState {
  const kept = useSearch({ strict: false });
  const navigate = useNavigate();
  const keys = tableKeys(name);
  const cursor = kept[keys.after];
  const page = cursor === undefined ? 1 : Math.max(Math.trunc(Number(kept[keys.page])) || 2, 2);
  const known = placesOf(JSON.stringify([name, filter]));
  known.set(page, cursor);
  return {
    page,
    request: { ...(cursor === undefined ? {} : { cursor }), limit: PAGE_ROWS },
    known,
    go: (next, after) => {
      if (after !== undefined) known.set(next, after);
      void navigate({
        to: '.',
        resetScroll: false,
        search: ({ [keys.page]: _page, [keys.after]: _after, ...others }) =>
          next === 1 || after === undefined ? others : { ...others, [keys.page]: String(next), [keys.after]: after },
      });
    },
  };
}

function placesOf(list: string): Map<number, string | undefined> {
  const known = seen.get(list);
  if (known !== undefined) return known;
  const [oldest] = seen.keys();
  if (seen.size >= SEEN_MAX && oldest !== undefined) seen.delete(oldest);
  const places = new Map<number, string | undefined>([[1, undefined]]);
  seen.set(list, places);
  return places;
}
