import { getRouteApi } from '@tanstack/react-router';
import { fromFirstPage, toPastPredictionsSearch, toTablesSearch } from '../../search.ts';

const route = getRouteApi('/past-predictions');

export type SearchChange = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Sets filters in the address, and removes those that become undefined or empty; the list starts at its first page. */
export function useSearchChange(): (change: SearchChange) => void {
  const navigate = route.useNavigate();
  return (change) =>
    void navigate({
      replace: true,
      resetScroll: false,
      search: ({ id: _open, ...before }) => {
        const merged = { ...fromFirstPage(before), ...change };
        const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
        return { ...toTablesSearch(kept), ...toPastPredictionsSearch(kept) };
      },
    });
}
