import type { AuditOutcome, DriftStreamName, RunState, Verdict } from '#api';
import { auditOutcome, driftStreamName, FEATURE_PREFIX, runState, verdict } from '#api';

/** What each page keeps in its URL. Unknown values are dropped and never an error, because people edit URLs. */
type Raw = Readonly<Record<string, unknown>>;

const SOURCES = ['all', 'webapp', 'scheduled', 'api'] as const;
export type SourceFilter = (typeof SOURCES)[number];

const OUTCOMES = ['known', 'unknown', 'correct', 'wrong'] as const;
/** Whether it is known what really happened, and whether the prediction was so. */
export type OutcomeFilter = (typeof OUTCOMES)[number];

/** `feature.age` is values of which one is enough, `feature.age.min` and `feature.age.max` a range. */
export type FeatureKey = `${typeof FEATURE_PREFIX}${string}`;
export interface PastPredictionsSearch {
  readonly from?: string;
  readonly to?: string;
  readonly source?: SourceFilter;
  readonly rowId?: string;
  /** The idempotency key of a request. */
  readonly request?: string;
  readonly model?: string;
  readonly prediction?: string;
  readonly 'prediction.min'?: string;
  readonly 'prediction.max'?: string;
  readonly actual?: OutcomeFilter;
  readonly [feature: FeatureKey]: readonly string[];
  /** The prediction that is open. */
  readonly id?: string;
}
export interface RunsSearch {
  readonly pipeline?: string;
  readonly state?: RunState;
}
export interface DataSearch {
  readonly verdict?: Verdict;
  readonly from?: string;
  readonly to?: string;
  readonly check?: string;
}
export interface DriftSearch {
  readonly version?: number;
  readonly stream?: DriftStreamName;
  /** Id of a window of the past. */
  readonly window?: string;
  readonly column?: string;
}
export interface ModelsSearch {
  /** The versions that are compared. */
  readonly compare?: readonly string[];
  /** The version whose predictions in production are shown. */
  readonly served?: number;
}
export interface AuditSearch {
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: AuditOutcome;
  readonly from?: string;
  readonly to?: string;
  /** Id of the change that is open. */
  readonly entry?: string;
}
export interface AlertsSearch {
  /** Name of an alert rule. */
  readonly rule?: string;
}
/** The window, the chosen values of each variable, and whether it fills the screen of a wall. */
export interface DashboardSearch {
  readonly minutes?: number;
  readonly from?: string;
  readonly to?: string;
  readonly source?: readonly string[];
  readonly column?: readonly string[];
  readonly version?: readonly string[];
  readonly wall?: true;
}
export interface RunSearch {
  readonly task?: string;
}
type TableKey = `${string}.${'sort' | 'search' | 'page' | 'after'}`;
/** The order, the search and the place of each table of a page. */
export type TablesSearch = { readonly [K in TableKey]?: string };

const TABLE_KEY = /^[\w-]+\.(sort|search|page|after)$/;
const PLACE_KEY = /\.(page|after)$/;

/** The keys under which the address keeps the order, the search and the place of a table. */
export function tableKeys(name: string) {
  return { sort: `${name}.sort`, search: `${name}.search`, page: `${name}.page`, after: `${name}.after` } as const;
}

/** What a page keeps in its address, each of its tables at its first page: what is filtered otherwise has other pages. */
export function fromFirstPage<T extends object>(search: T): T {
  // Keys that every page may have or lack are left out, so it is still what it was.
  return Object.fromEntries(Object.entries(search).filter(([key]) => !PLACE_KEY.test(key))) as T;
}

export function toTablesSearch(raw: Raw): TablesSearch {
  const kept = Object.keys(raw).filter(isTableKey);
  return Object.assign({}, ...kept.map((key) => text(key, raw)));
}

const isTableKey = (key: string): key is TableKey => TABLE_KEY.test(key);

export function toPastPredictionsSearch(raw: Raw): PastPredictionsSearch {
  const source = SOURCES.find((each) => each === raw.source);
  const actual = OUTCOMES.find((each) => each === raw.actual);
  return {
    ...moment('from', raw),
    ...moment('to', raw),
    ...text('rowId', raw),
    ...(source === undefined ? {} : { source }),
    ...text('request', raw),
    ...text('model', raw),
    ...text('prediction', raw),
    ...text('prediction.min', raw),
    ...text('prediction.max', raw),
    ...(actual === undefined ? {} : { actual }),
    ...Object.assign(
      {},
      ...Object.keys(raw)
        .filter(isFeatureKey)
        .map((key) => texts(key, raw)),
    ),
    ...text('id', raw),
  };
}

const isFeatureKey = (key: string): key is FeatureKey => key.startsWith(FEATURE_PREFIX);

export function toRunsSearch(raw: Raw): RunsSearch {
  const state = runState.safeParse(raw.state);
  return { ...text('pipeline', raw), ...(state.success ? { state: state.data } : {}) };
}

export function toRunSearch(raw: Raw): RunSearch {
  return text('task', raw);
}

export function toDataSearch(raw: Raw): DataSearch {
  const parsed = verdict.safeParse(raw.verdict);
  return {
    ...text('check', raw),
    ...moment('from', raw),
    ...moment('to', raw),
    ...(parsed.success ? { verdict: parsed.data } : {}),
  };
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

export function toModelsSearch(raw: Raw): ModelsSearch {
  return { ...texts('compare', raw), ...count('served', raw) };
}

export function toAuditSearch(raw: Raw): AuditSearch {
  const outcome = auditOutcome.safeParse(raw.outcome);
  return {
    ...text('actor', raw),
    ...text('action', raw),
    ...(outcome.success ? { outcome: outcome.data } : {}),
    ...moment('from', raw),
    ...moment('to', raw),
    ...text('entry', raw),
  };
}

export function toAlertsSearch(raw: Raw): AlertsSearch {
  return text('rule', raw);
}

export function toDashboardSearch(raw: Raw): DashboardSearch {
  const period = { ...moment('from', raw), ...moment('to', raw) };
  return {
    ...(period.from === undefined || period.to === undefined ? {} : period),
    ...count('minutes', raw),
    ...texts('source', raw),
    ...texts('column', raw),
    ...texts('version', raw),
    ...(raw.wall === true || raw.wall === 'true' ? { wall: true } : {}),
  };
}

function count<K extends string>(key: K, raw: Raw): { readonly [P in K]?: number } {
  const value = Number(raw[key]);
  // The one key of the record is `K` itself.
  return Number.isInteger(value) && value > 0 ? ({ [key]: value } as { readonly [P in K]?: number }) : {};
}

/** One text or a list of them. */
function texts<K extends string>(key: K, raw: Raw): { readonly [P in K]?: readonly string[] } {
  const given: readonly string[] = [raw[key]]
    .flat()
    .flatMap((value) => (['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : []));
  // The one key of the record is `K` itself.
  return given.length === 0 ? {} : ({ [key]: given } as { readonly [P in K]?: readonly string[] });
}

function text<K extends string>(key: K, raw: Raw): { readonly [P in K]?: string } {
  const value = raw[key];
  if (typeof value !== 'string' && typeof value !== 'number') return {};
  // The one key of the record is `K` itself.
  return { [key]: String(value) } as { readonly [P in K]?: string };
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** A day or a moment. */
function moment<K extends string>(key: K, raw: Raw): { readonly [P in K]?: string } {
  const value = raw[key];
  const isKnown =
    typeof value === 'string' && (DAY.test(value) || MOMENT.test(value)) && !Number.isNaN(Date.parse(value));
  return isKnown ? text(key, raw) : {};
}
