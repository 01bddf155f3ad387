import { FEATURE_PREFIX, type PastExportQuery } from '#api';
import { type Column, type ColumnKind, type Contract, maybeValue } from '#contracts';
import { type FeatureCondition, maybeNearestName, type PastFilter, toRowId } from '#ml';
import { ServerError } from '../errors.ts';
import { toPeriod } from '../period.ts';

export interface FilterOptions {
  /** The model whose rows have the id. */
  readonly model: string;
  readonly contract: Contract | undefined;
}

/** What the query of a list or an export means. Throws `request_invalid` for a feature that the contract does not have. */
export function toPastFilter(query: PastExportQuery, { model, contract }: FilterOptions): PastFilter {
  const { source, rowId, labelled, correct, request, prediction, search } = query;
  return {
    ...toPeriod(query),
    ...(source === 'all' ? {} : { source }),
    ...(query.model === undefined ? {} : { model: query.model }),
    ...(rowId === undefined ? {} : { row: { model, id: contract === undefined ? rowId : toRowId(contract, rowId) } }),
    ...(request === undefined ? {} : { request }),
    ...(prediction === undefined ? {} : { prediction }),
    ...(query['prediction.min'] === undefined ? {} : { predictionMin: query['prediction.min'] }),
    ...(query['prediction.max'] === undefined ? {} : { predictionMax: query['prediction.max'] }),
    ...(labelled === undefined ? {} : { isLabelled: labelled === 'true' }),
    ...(correct === undefined ? {} : { isCorrect: correct === 'true' }),
    ...(search === undefined ? {} : { search }),
    features: featureConditions(query, contract),
  };
}

function featureConditions(query: PastExportQuery, contract: Contract | undefined): readonly FeatureCondition[] {
  const columns = Object.fromEntries(
    Object.entries(contract?.columns ?? {}).filter(([, { role }]) => role === 'feature'),
  );
  return Object.entries(query)
    .filter(([field]) => field.startsWith(FEATURE_PREFIX))
    .map(([field, text]) => {
      const texts = (Array.isArray(text) ? text : [text]).map(String);
      return texts.length === 1
        ? toCondition({ field, text: texts[0] ?? '' }, columns)
        : toChoice(field, { texts, columns });
    });
}

/** Several values of a feature, of which one is enough. */
function toChoice(
  field: string,
  { texts, columns }: { readonly texts: readonly string[]; readonly columns: Columns },
): FeatureCondition {
  const conditions = texts.slice(0, CHOSEN_MAX + 1).map((text) => toCondition({ field, text }, columns));
  const [first] = conditions;
  const values = conditions.flatMap((condition) => (condition.is === 'equal' ? [condition.value] : []));
  if (first === undefined || texts.length > CHOSEN_MAX || values.length < conditions.length)
    throw new ServerError(
      'request_invalid',
      `Expected ${field} with at most ${CHOSEN_MAX} values, or one bound of a range; got ${texts.length} of them. Name fewer.`,
    );
  return { column: first.column, is: 'any', values };
}

interface Given {
  readonly field: string;
  readonly text: string;
}
type Columns = Readonly<Record<string, Column>>;

const BOUND = /^(?<column>.+)\.(?<bound>min|max)$/;

function toCondition(given: Given, columns: Columns): FeatureCondition {
  const name = given.field.slice(FEATURE_PREFIX.length);
  // A column may itself be called so.
  const { column = name, bound } = Object.hasOwn(columns, name) ? {} : (BOUND.exec(name)?.groups ?? {});
  const found = Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (found === undefined) throw unknownFeature(given.field, column, Object.keys(columns));
  // The pattern knows no other bounds.
  if (bound !== undefined) return { column, is: bound as 'min' | 'max', value: boundOf(given, found.kind) };
  return { column, is: 'equal', value: given.text === '' ? null : readValue(given, found.kind) };
}

function boundOf(given: Given, kind: ColumnKind): string | number | boolean {
  if (hasRange(kind)) return readValue(given, kind);
  throw new ServerError(
    'request_invalid',
    `Expected a filter that a feature of the kind ${kind} has; got ${given.field}. Only numbers, days and times have a range: name one value instead.`,
  );
}

const ORDERED: readonly ColumnKind[] = ['number', 'integer', 'timestamp', 'date'];

/** Whether there are filters from and up to a value. */
export const hasRange = (kind: ColumnKind): boolean => ORDERED.includes(kind);

function readValue({ field, text }: Given, kind: ColumnKind): string | number | boolean {
  const value = maybeValue(kind, text);
  if (value !== undefined) return value;
  throw new ServerError(
    'request_invalid',
    `Expected ${field} to be of the kind ${kind}, as the contract says; got ${JSON.stringify(text.slice(0, SHOWN_CHARACTERS))}.`,
  );
}

const SHOWN_CHARACTERS = 80;
const CHOSEN_MAX = 50;
const NAMED_MAX = 20;

function unknownFeature(field: string, column: string, known: readonly string[]): ServerError {
  const nearest = maybeNearestName(column, known);
  const hint =
    nearest === undefined
      ? `Its features: ${known.slice(0, NAMED_MAX).join(', ') || 'none'}${known.length > NAMED_MAX ? ', …' : ''}.`
      : `Did you mean ${FEATURE_PREFIX}${nearest}?`;
  return new ServerError(
    'request_invalid',
    `Expected the name of a feature of the contract, such as ${FEATURE_PREFIX}${known[0] ?? 'name'}; got ${field.slice(0, SHOWN_CHARACTERS)}. ${hint}`,
  );
}
