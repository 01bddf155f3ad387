import { type PagedList, type Queryable, readPage } from '#store';
import type { ComparisonKey, Stream, Verdict, WindowStatus } from './window.ts';

/** A window as lists show it; times are ISO strings. */
export interface ListedWindow {
  readonly id: string;
  readonly stream: Stream;
  readonly model: string;
  readonly version: number;
  readonly from: string;
  readonly to: string;
  readonly status: WindowStatus;
  readonly verdict: Verdict | null;
  readonly isSustained: boolean;
  readonly sustained: { readonly k: number; readonly n: number };
  readonly rows: number;
  readonly lateRows: number;
  readonly sentence: string;
  readonly drifted: (ComparisonKey & { readonly isSustained: boolean })[];
  readonly judgedAt: string;
  readonly runId: string;
}

export interface WindowsQuery {
  readonly model: string;
  readonly version?: number | undefined;
  readonly stream?: Stream | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface WindowRow extends Omit<ListedWindow, 'from' | 'to' | 'judgedAt'> {
  readonly from: Date;
  readonly to: Date;
  readonly judgedAt: Date;
}

export const WINDOW_COLUMNS = `drift_windows.id::text, stream, model, model_version as version, from_at as "from", to_at as "to", status, verdict,
  is_sustained as "isSustained", jsonb_build_object('k', sustained_k, 'n', sustained_n) as sustained,
  row_count::float8 as rows, late_count::float8 as "lateRows", sentence, judged_at as "judgedAt", run_id::text as "runId",
  coalesce((
    select jsonb_agg(jsonb_build_object('subject', subject, 'column', column_name, 'kind', kind, 'isSustained', s.is_sustained)
             order by subject, column_name, kind)
      from drift_scores s where s.window_id = drift_windows.id and s.verdict = 'drifted'
  ), '[]') as drifted`;

const WINDOWS: PagedList<'to'> = {
  name: 'drift windows',
  table: 'drift_windows',
  columns: WINDOW_COLUMNS,
  id: { sql: 'drift_windows.id', type: 'bigint' },
  orders: { to: { sql: 'to_at', type: 'timestamptz' } },
  sort: '-to',
  text: 'sentence',
};

/** Windows of a model, newest first, a page at a time. */
export async function listDriftWindows(
  queryable: Queryable,
  { model, version, stream, cursor, limit }: WindowsQuery,
): Promise<{ readonly items: ListedWindow[]; readonly nextCursor: string | null }> {
  const { items, nextCursor } = await readPage<WindowRow, 'to'>(queryable, WINDOWS, {
    request: { equal: { model, model_version: version, stream }, cursor, limit },
  });
  return { items: items.map(toListed), nextCursor };
}

export function toListed({ from, to, judgedAt, ...window }: WindowRow): ListedWindow {
  return { ...window, from: from.toISOString(), to: to.toISOString(), judgedAt: judgedAt.toISOString() };
}
