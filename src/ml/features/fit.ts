import { type Column, type Contract, type DecimalKind, isDecimal } from '#contracts';
import { MlError } from '../errors.ts';
import type { Reading } from '../estimators/estimator.ts';
import type { FeatureRow } from '../prediction.ts';
import { bitIn, categoryIn, cellOf, numberReader, timePartIn } from './cell.ts';
import { deepFreeze } from './define.ts';
import type { ColumnFeature, Features, FittedColumn, FittedFeatures, TextNumber, TimePart } from './features.ts';

const CATEGORIES_MAX = 1000;

/** Categories of a column that has one code for each. */
const CODES_MAX = 10_000;

interface ColumnFit {
  readonly reading: Reading;
  readonly name: string;
  readonly column: Column;
  readonly feature: ColumnFeature;
  readonly rows: readonly FeatureRow[];
}

interface TrainingRows {
  readonly rows: readonly FeatureRow[];
  /** How the estimator reads rows; `dense` unless set. */
  readonly reading?: Reading | undefined;
}

/** Learns medians, means, deviations and categories from the training part only. */
export function fitFeatures(
  features: Features,
  contract: Contract,
  { rows, reading = 'dense' }: TrainingRows,
): FittedFeatures {
  if (rows.length === 0) {
    throw new MlError(
      'training_impossible',
      'Features were to be fitted on no rows at all. Give at least one training row.',
    );
  }
  assertColumnsExist(features, contract);
  const columns: FittedColumn[] = [];
  for (const [name, column] of Object.entries(contract.columns)) {
    const feature = (Object.hasOwn(features.columns, name) ? features.columns[name] : undefined) ?? {};
    if (feature === 'omit' || !isFeature(column) || column.alwaysNull === true) continue;
    assertName(name);
    const fit = { name, column, feature, rows, reading };
    columns.push(fitColumn(fit));
    if (column.role === 'time' && feature.as === undefined) columns.push(...fitTimeParts(fit));
  }
  if (columns.length === 0) {
    throw new MlError(
      'features_invalid',
      `Contract "${contract.name}" leaves no feature. Give a column the role "feature".`,
    );
  }
  return deepFreeze({ format: 1, rows: rows.length, columns });
}

/** Whether models read the column: those of role feature, and the time of a row, which says more than its order. */
const isFeature = ({ role, kind }: Column): boolean =>
  role === 'feature' || (role === 'time' && (kind === 'date' || kind === 'timestamp'));

/** A JSON body with this key is refused, so such a feature could be used in training but never in prediction. */
function assertName(name: string): void {
  if (name !== '__proto__') return;
  throw new MlError(
    'features_invalid',
    `Column "${name}" cannot be a feature: bodies of JSON with that key are refused. Rename it, or give it the role "meta".`,
  );
}

function assertColumnsExist(features: Features, contract: Contract): void {
  for (const name of Object.keys(features.columns)) {
    const column = contract.columns[name];
    if (column !== undefined && isFeature(column)) continue;
    const known = Object.entries(contract.columns).flatMap(([other, about]) => (isFeature(about) ? [other] : []));
    throw new MlError(
      'features_invalid',
      `Features name the column "${name}", which is no feature of contract "${contract.name}". Its features are: ${known.join(', ')}.`,
    );
  }
}

function fitColumn(fit: ColumnFit): FittedColumn {
  const kind = fit.feature.as ?? naturalKind(fit);
  switch (kind) {
    case 'number':
      return fitNumber(fit);
    case 'category':
      return fitCategory(fit);
    case 'boolean':
      return fitBoolean(fit);
    default:
      return kind satisfies never;
  }
}

function naturalKind({ name, column }: ColumnFit): 'number' | 'category' | 'boolean' {
  if (isDecimalColumn(column)) return 'number';
  switch (column.kind) {
    case 'number':
    case 'integer':
    case 'time':
    case 'duration':
    case 'timestamp':
    case 'date':
      return 'number';
    case 'category':
      return 'category';
    case 'boolean':
      return 'boolean';
    case 'list':
    case 'struct':
      throw new MlError(
        'features_invalid',
        `Column "${name}" is a ${column.kind}, which is no feature. Say 'omit' in defineFeatures, give it the role "meta", or put what matters into columns of its own.`,
      );
    case 'text':
      throw new MlError(
        'features_invalid',
        `Column "${name}" is text, which is no feature by itself. Say { as: 'category' } or 'omit' in defineFeatures, or give it the role "meta".`,
      );
    default:
      return column satisfies never;
  }
}

const isDecimalColumn = (column: Column): column is Extract<Column, { readonly kind: DecimalKind }> =>
  isDecimal(column.kind);

/** How the texts of a column are read as numbers; undefined where its values are none. */
function readsOf({ kind }: Column): TextNumber | undefined {
  if (isDecimal(kind)) return 'decimal';
  return kind === 'time' || kind === 'duration' ? kind : undefined;
}

function fitNumber({ name, column, feature, rows, reading }: ColumnFit): FittedColumn {
  const time = column.kind === 'timestamp' || column.kind === 'date';
  const reads = readsOf(column);
  const about = { kind: 'number' as const, column: name, time, ...(reads === undefined ? {} : { reads }) };
  const indicator = feature.indicator ?? false;
  // Trees split on numbers as they are, and on what is missing.
  if (reading === 'coded' && (feature.impute ?? 'none') === 'none' && feature.scale !== 'standard')
    return { ...about, indicator, fill: null, offset: 0, divisor: 1 };
  const read = numberReader({ time, reads });
  const present: number[] = [];
  rows.forEach((row, index) => {
    const value = read(cellOf(row, name), { column: name, row: index });
    if (value !== undefined) present.push(value);
  });
  // Sorted before summing, so that the order of the rows cannot change a bit of the result.
  const sorted = Float64Array.from(present).sort();
  const fill = numberFill(sorted, { name, impute: feature.impute ?? 'median' });
  const filled = { sorted, fill, missing: rows.length - sorted.length };
  const { mean, deviation } =
    feature.scale === 'none' || (reading === 'coded' && feature.scale === undefined)
      ? { mean: 0, deviation: 1 }
      : spread(filled);
  return {
    ...about,
    indicator,
    fill,
    offset: mean,
    divisor: deviation > 0 && Number.isFinite(deviation) ? deviation : 1,
  };
}

/** How many different values a part has to show before it is used; of months all, because the newest rows are the test. */
const PARTS_NEEDED: readonly (readonly [TimePart, number])[] = [
  ['month', 12],
  ['weekday', 2],
  ['hour', 2],
];

/** The parts of a time that vary in the training part, each as a category. */
function fitTimeParts({ name, rows, reading }: ColumnFit): readonly FittedColumn[] {
  return PARTS_NEEDED.flatMap(([part, needed]) => {
    const seen = new Set<string>();
    rows.forEach((row, index) => {
      const value = timePartIn(cellOf(row, name), { column: name, row: index, part });
      if (value !== undefined) seen.add(value);
    });
    if (seen.size < needed) return [];
    const categories = [...seen].sort((a, b) => Number(a) - Number(b));
    return [
      { kind: 'category' as const, column: name, part, indicator: false, fill: null, categories, ...codedIf(reading) },
    ];
  });
}

function numberFill(sorted: Float64Array, { name, impute }: { name: string; impute: ColumnFeature['impute'] }): number {
  if (typeof impute === 'object') {
    if (typeof impute.constant === 'number' && Number.isFinite(impute.constant)) return impute.constant + 0;
    throw wrongImpute(name, `the constant ${JSON.stringify(impute.constant)}`);
  }
  if (impute !== 'median' && impute !== 'mean') throw wrongImpute(name, `"${impute}"`);
  if (sorted.length === 0) return 0;
  // Adding 0 turns -0 into 0, which JSON would do anyway.
  return (impute === 'mean' ? meanOf(sorted) : medianOf(sorted)) + 0;
}

function wrongImpute(name: string, got: string): MlError {
  return new MlError(
    'features_invalid',
    `Column "${name}" is a number: impute it with "median", "mean" or { constant: <number> }, not with ${got}.`,
  );
}

/** Mean and standard deviation of the column as the model sees it: with imputed values. */
function spread({ sorted, fill, missing }: { sorted: Float64Array; fill: number; missing: number }): {
  mean: number;
  deviation: number;
} {
  const count = sorted.length + missing;
  const mean = (sum(sorted) + fill * missing) / count;
  let squares = (fill - mean) ** 2 * missing;
  for (const value of sorted) squares += (value - mean) ** 2;
  // Sums of the largest doubles overflow; such a column is left unscaled instead of becoming Infinity.
  return Number.isFinite(mean) ? { mean: mean + 0, deviation: Math.sqrt(squares / count) } : { mean: 0, deviation: 1 };
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : meanOf(Float64Array.of(sorted[middle - 1] ?? 0, upper));
}

/** Adds first and divides then, which is exact for small numbers; divides first where the sum would be infinite. */
function meanOf(values: Float64Array): number {
  const mean = sum(values) / values.length;
  return Number.isFinite(mean) ? mean : sum(values.map((value) => value / values.length));
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

const codedIf = (reading: Reading) => (reading === 'coded' ? { coded: true } : {});

function fitCategory({ name, column, feature, rows, reading }: ColumnFit): FittedColumn {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = categoryIn(cellOf(row, name));
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const declared = column.kind === 'category' ? column.categories.filter((category) => counts.has(category)) : [];
  const others = [...counts.keys()].filter((category) => !declared.includes(category)).sort();
  const categories = [...declared, ...others];
  const most = reading === 'coded' ? CODES_MAX : CATEGORIES_MAX;
  if (categories.length > most) {
    throw new MlError(
      'features_invalid',
      `Column "${name}" has ${categories.length} categories, more than ${most}. Group them, or omit the column.`,
    );
  }
  return {
    kind: 'category',
    column: name,
    indicator: feature.indicator ?? false,
    fill: categoryFill(),
    categories,
    ...codedIf(reading),
  };

  function categoryFill(): string | null {
    const impute = feature.impute ?? 'none';
    if (typeof impute === 'object') return String(impute.constant);
    if (impute === 'most-frequent') return mostFrequent(categories, counts) ?? null;
    if (impute === 'none') return null;
    throw new MlError(
      'features_invalid',
      `Column "${name}" is a category: impute it with "none", "most-frequent" or { constant }, not with "${impute}".`,
    );
  }
}

/** The first of the most frequent categories. */
function mostFrequent(categories: readonly string[], counts: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const category of categories) {
    if (best === undefined || (counts.get(category) ?? 0) > (counts.get(best) ?? 0)) best = category;
  }
  return best;
}

function fitBoolean({ name, feature, rows, reading }: ColumnFit): FittedColumn {
  const indicator = feature.indicator ?? false;
  if (reading === 'coded' && (feature.impute ?? 'none') === 'none')
    return { kind: 'boolean', column: name, indicator, fill: null };
  let ones = 0;
  let zeros = 0;
  rows.forEach((row, index) => {
    const bit = bitIn(cellOf(row, name), { column: name, row: index });
    if (bit === 1) ones += 1;
    if (bit === 0) zeros += 1;
  });
  const impute = feature.impute ?? 'most-frequent';
  const fill =
    typeof impute === 'object' ? (bitIn(impute.constant, { column: name, row: -1 }) ?? 0) : ones > zeros ? 1 : 0;
  return { kind: 'boolean', column: name, indicator, fill };
}
