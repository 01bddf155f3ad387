import { type ContractColumn, FEATURE_PREFIX } from '#api';
import { featuresOf } from '../../columns.ts';
import { toFeatureText, toLabelText, toTimeText } from '../../format.ts';
import type { PastPredictionsFilter } from '../../queries.ts';
import type { FeatureKey, OutcomeFilter, PastPredictionsSearch, SourceFilter } from '../../search.ts';
import { timeZone } from '../../zone.ts';

export const SOURCES: Readonly<Record<SourceFilter, string>> = {
  all: 'All',
  webapp: 'Webapp',
  scheduled: 'Scheduled predictions',
  api: 'API',
};
export const OUTCOMES: Readonly<Record<OutcomeFilter, string>> = {
  known: 'Outcome known',
  unknown: 'No outcome yet',
  correct: 'Correct',
  wrong: 'Wrong',
};

/** What the server is asked for: the filters of the address. */
export function toQuery(search: PastPredictionsSearch): PastPredictionsFilter {
  const { from, to, rowId, request, model, prediction, source = 'all', actual } = search;
  return {
    ...{ from, to, rowId, request, model, prediction, source, timezone: timeZone() },
    ...{ 'prediction.min': search['prediction.min'], 'prediction.max': search['prediction.max'] },
    ...(actual === undefined ? {} : OUTCOME_QUERIES[actual]),
    ...Object.fromEntries(featureKeysOf(search).map((key) => [key, search[key]])),
  };
}

const OUTCOME_QUERIES: Readonly<Record<OutcomeFilter, Pick<PastPredictionsFilter, 'labelled' | 'correct'>>> = {
  known: { labelled: 'true' },
  unknown: { labelled: 'false' },
  correct: { correct: 'true' },
  wrong: { correct: 'false' },
};

/** One filter that is set, and the keys of the address that it takes. */
export interface ActiveFilter {
  readonly name: string;
  readonly text: string;
  readonly keys: readonly (keyof PastPredictionsSearch)[];
}

/** The filters that are set, in words. */
export function listActive(search: PastPredictionsSearch, columns: readonly ContractColumn[]): readonly ActiveFilter[] {
  const { from, to, source, rowId, request, model, prediction, actual } = search;
  const label = columns.find(({ role }) => role === 'label');
  const [min, max] = [search['prediction.min'], search['prediction.max']];
  const id = columns.find(({ role }) => role === 'id');
  return [
    ...of('Time', toRangeText(maybe(from, toMomentText), maybe(to, toMomentText)), ['from', 'to']),
    ...of('Source', source === 'all' ? undefined : maybe(source, (value) => SOURCES[value]), ['source']),
    ...of(id?.label ?? 'Row id', rowId, ['rowId']),
    ...of('Request', request, ['request']),
    ...of('Model version', model, ['model']),
    ...of(
      label?.label ?? 'Prediction',
      maybe(prediction, (value) => toLabelText(value, label)),
      ['prediction'],
    ),
    ...of(label?.label ?? 'Prediction', toRangeText(min, max), ['prediction.min', 'prediction.max']),
    ...of(
      'Outcome',
      maybe(actual, (value) => OUTCOMES[value]),
      ['actual'],
    ),
    ...filteredFeatures(search, columns).flatMap((name) => featureFilter(name, { search, columns })),
  ];
}

/** The filters without some keys. */
export function without(
  search: PastPredictionsSearch,
  keys: readonly (keyof PastPredictionsSearch)[],
): PastPredictionsSearch {
  return Object.fromEntries(Object.entries(search).filter(([key]) => !keys.some((each) => each === key)));
}

/** The keys of a feature in the address. */
export function featureKeys(name: string) {
  const key: FeatureKey = `${FEATURE_PREFIX}${name}`;
  const min: FeatureKey = `${key}.min`;
  const max: FeatureKey = `${key}.max`;
  return { is: key, min, max } as const;
}

const featureKeysOf = (search: PastPredictionsSearch): readonly FeatureKey[] =>
  Object.keys(search).filter((key): key is FeatureKey => key.startsWith(FEATURE_PREFIX));

/** Names of the features that the address has a filter for. */
export function filteredFeatures(search: PastPredictionsSearch, columns: readonly ContractColumn[]): readonly string[] {
  const names = featureKeysOf(search).map((key) => {
    const name = key.slice(FEATURE_PREFIX.length);
    // A column may itself be called so.
    return columns.some((column) => column.name === name) ? name : name.replace(/\.(min|max)$/, '');
  });
  return [...new Set(names)];
}

/** Whether a feature has filters from and up to a value. */
export const hasRange = ({ kind }: ContractColumn): boolean =>
  kind === 'number' || kind === 'integer' || kind === 'date' || kind === 'timestamp';

/** What stands for a feature without a value. */
export const EMPTY = 'no value';

interface FeatureOptions {
  readonly search: PastPredictionsSearch;
  readonly columns: readonly ContractColumn[];
}

function featureFilter(name: string, { search, columns }: FeatureOptions): readonly ActiveFilter[] {
  const column = featuresOf(columns).find((each) => each.name === name);
  const keys = featureKeys(name);
  const values = search[keys.is]?.map((value) => (value === '' ? EMPTY : value)).join(', ');
  const range = toRangeText(search[keys.min]?.[0], search[keys.max]?.[0]);
  const text = [values, range].filter((part) => part !== undefined).join('; ');
  const unit = column?.unit === undefined || range === undefined ? '' : ` ${column.unit}`;
  return of(column?.label ?? name, `${text}${unit}`, [keys.is, keys.min, keys.max]);
}

function toRangeText(from: string | undefined, to: string | undefined): string | undefined {
  if (from === undefined) return to === undefined ? undefined : `up to ${to}`;
  return to === undefined ? `from ${from}` : `${from} to ${to}`;
}

const toMomentText = (text: string): string =>
  text.includes('T') ? toTimeText(text) : toFeatureText(text, { kind: 'date' });

function maybe<T extends string>(value: T | undefined, toText: (value: T) => string): string | undefined {
  return value === undefined ? undefined : toText(value);
}

function of(name: string, text: string | undefined, keys: ActiveFilter['keys']): readonly ActiveFilter[] {
  return text === undefined ? [] : [{ name, text, keys }];
}
