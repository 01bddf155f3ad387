import type { RunState, Verdict } from '#api';
import { runState, verdict } from '#api';

/** What each page keeps in its URL. Unknown values are dropped and never an error, because people edit URLs. */
type Raw = Readonly<Record<string, unknown>>;

const SOURCES = ['all', 'webapp', 'scheduled', 'api'] as const;
export type SourceFilter = (typeof SOURCES)[number];

export interface PastPredictionsSearch {
  readonly from?: string;
  readonly to?: string;
  readonly source?: SourceFilter;
  readonly rowId?: string;
}
export interface RunsSearch {
  readonly pipeline?: string;
  readonly state?: RunState;
}
export interface DataSearch {
  readonly verdict?: Verdict;
  readonly check?: string;
}
export interface DashboardSearch {
  readonly minutes?: number;
}
export interface RunSearch {
  readonly task?: string;
}
type TableKey = `${string}.sort` | `${string}.search`;
/** The order and the search of each table of a page. */
export type TablesSearch = { readonly [K in TableKey]?: string };

const TABLE_KEY = /^[\w-]+\.(sort|search)$/;

/** The keys under which the address keeps the order and the search of a table. */
export function tableKeys(name: string) {
  return { sort: `${name}.sort`, search: `${name}.search` } as const;
}

export function toTablesSearch(raw: Raw): TablesSearch {
  const kept = Object.keys(raw).filter(isTableKey);
  return Object.assign({}, ...kept.map((key) => text(key, raw)));
}

const isTableKey = (key: string): key is TableKey => TABLE_KEY.test(key);

export function toPastPredictionsSearch(raw: Raw): PastPredictionsSearch {
  const source = SOURCES.find((each) => each === raw.source);
  return {
    ...date('from', raw),
    ...date('to', raw),
    ...text('rowId', raw),
    ...(source === undefined ? {} : { source }),
  };
}

export function toRunsSearch(raw: Raw): RunsSearch {
  const state = runState.safeParse(raw.state);
  return { ...text('pipeline', raw), ...(state.success ? { state: state.data } : {}) };
}

export function toRunSearch(raw: Raw): RunSearch {
  return text('task', raw);
}

export function toDataSearch(raw: Raw): DataSearch {
  const parsed = verdict.safeParse(raw.verdict);
  return { ...text('check', raw), ...(parsed.success ? { verdict: parsed.data } : {}) };
}

export function toDashboardSearch(raw: Raw): DashboardSearch {
  const minutes = Number(raw.minutes);
  return Number.isInteger(minutes) && minutes > 0 ? { minutes } : {};
}

function text<K extends string>(key: K, raw: Raw): { readonly [P in K]?: string } {
  const value = raw[key];
  if (typeof value !== 'string' && typeof value !== 'number') return {};
  // The one key of the record is `K` itself.
  return { [key]: String(value) } as { readonly [P in K]?: string };
}

function date<K extends string>(key: K, raw: Raw): { readonly [P in K]?: string } {
  const value = raw[key];
  const isDate = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  return isDate ? text(key, raw) : {};
}
