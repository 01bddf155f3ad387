import type { DriftStreamName, RunState, Verdict } from '#api';
import { driftStreamName, runState, verdict } from '#api';

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
export interface DriftSearch {
  readonly version?: number;
  readonly stream?: DriftStreamName;
  /** Id of a window of the past. */
  readonly window?: string;
  readonly column?: string;
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

export function toDriftSearch(raw: Raw): DriftSearch {
  const stream = driftStreamName.safeParse(raw.stream);
  return {
    ...count('version', raw),
    ...(stream.success ? { stream: stream.data } : {}),
    ...(/^\d{1,18}$/.test(String(raw.window)) ? text('window', raw) : {}),
    ...text('column', raw),
  };
}

export function toDashboardSearch(raw: Raw): DashboardSearch {
  return count('minutes', raw);
}

function count<K extends string>(key: K, raw: Raw): { readonly [P in K]?: number } {
  const value = Number(raw[key]);
  // The one key of the record is `K` itself.
  return Number.isInteger(value) && value > 0 ? ({ [key]: value } as { readonly [P in K]?: number }) : {};
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
