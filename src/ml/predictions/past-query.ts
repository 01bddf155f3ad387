import { type Condition, soughtWords } from '#store';
import { labelSql } from '../labels/read.ts';
import type { Source } from '../prediction.ts';

/** Which stored predictions are meant; what is absent excludes none. */
export interface PastFilter {
  readonly from?: Date;
  readonly toExclusive?: Date;
  readonly source?: Source;
  /** All versions of a model by its name, or one version: `churn@1`. */
  readonly model?: string;
  /** Predictions for one row of a model. */
  readonly row?: { readonly model: string; readonly id: string };
  /** Those of one request, by its idempotency key. */
  readonly request?: string;
  /** The predicted class, or the number. */
  readonly prediction?: string;
  /** Predicted numbers from here on, and up to here, themselves included. */
  readonly predictionMin?: number;
  readonly predictionMax?: number;
  /** Whether a label of the row is known. */
  readonly isLabelled?: boolean;
  /** Whether the predicted class is that of the label; no prediction without a label is either. */
  readonly isCorrect?: boolean;
  readonly features?: readonly FeatureCondition[];
  /** Words that the row, its prediction or its model contains. */
  readonly search?: string;
}

/** What a feature must be: a value, null for none, one of several, or from or up to a value, itself included. */
export type FeatureCondition =
  | { readonly column: string; readonly is: 'equal' | 'min' | 'max'; readonly value: FeatureValue }
  | { readonly column: string; readonly is: 'any'; readonly values: readonly FeatureValue[] };
type FeatureValue = string | number | boolean | null;

/** The text of a prediction that a search looks through. */
export const SEARCHED_TEXT =
  "concat_ws(' ', id, row_id, prediction #>> '{}', source, model || '@' || model_version, features::text)";

/**
 * What an index finds, and what is looked for in the rows that it finds, in the order of time. Of the filters that have
 * an index one is used, that of the fewest rows: how many rows both have is not known before they are read.
 */
export interface PastConditions {
  readonly indexed: readonly Condition[];
  readonly sought: readonly Condition[];
  /** Whether labels are looked up for each row that is looked through. */
  readonly readsLabels: boolean;
}

export function conditionsOf(filter: PastFilter): PastConditions {
  const { from, toExclusive, isLabelled, isCorrect, features = [], search = '' } = filter;
  const [driving, ...others] = indexedOf(filter);
  return {
    indexed: [
      ...given(from, (value) => one((place) => `at >= ${place}::timestamptz`, value)),
      ...given(toExclusive, (value) => one((place) => `at < ${place}::timestamptz`, value)),
      ...given(driving, (value) => value),
    ],
    sought: [
      ...others,
      ...modelOf(filter),
      ...predictedOf(filter),
      ...features.map(featureCondition),
      ...soughtWords({ text: SEARCHED_TEXT }, search),
      ...given(isLabelled, (value) => none(`${value ? '' : 'not '}exists(${labelSql('predictions')})`)),
      ...given(isCorrect, (value) =>
        none(
          `(select predictions.prediction #>> '{}' = label.value #>> '{}' from (${labelSql('predictions')}) as label) is ${value}`,
        ),
      ),
    ],
    readsLabels: isLabelled !== undefined || isCorrect !== undefined,
  };
}

/** Those that have an index, the one of the fewest rows first. */
function indexedOf({ row, request, model, source }: PastFilter): readonly Condition[] {
  return [
    ...given(row, ({ model: name, id }) =>
      one((namePlace, place) => `(model = ${namePlace} and row_id = ${place})`, name, id),
    ),
    ...given(request, (value) => one((place) => `request = ${place}`, value)),
    ...given(model === undefined ? undefined : parseModel(model), ({ name, version }) =>
      version === undefined
        ? undefined
        : one((namePlace, place) => `(model = ${namePlace} and model_version = ${place}::integer)`, name, version),
    ),
    ...given(source, (value) => one((place) => `source = ${place}`, value)),
  ];
}

/** All versions of a model are in no index in the order of time; mostly they are all predictions there are. */
function modelOf({ model }: PastFilter): readonly Condition[] {
  return given(model === undefined ? undefined : parseModel(model), ({ name, version }) =>
    version === undefined ? one((place) => `model = ${place}`, name) : undefined,
  );
}

function predictedOf({ prediction, predictionMin, predictionMax }: PastFilter): readonly Condition[] {
  const bound = (sign: string) => (value: number) =>
    one(
      (place) => `(jsonb_typeof(prediction) = 'number' and prediction ${sign} to_jsonb(${place}::numeric))`,
      String(value),
    );
  return [
    ...given(prediction, (value) =>
      isNumber(value)
        ? one(
            (place, number) => `(prediction = to_jsonb(${place}::text) or prediction = to_jsonb(${number}::numeric))`,
            value,
            value,
          )
        : one((place) => `prediction = to_jsonb(${place}::text)`, value),
    ),
    ...given(predictionMin, bound('>=')),
    ...given(predictionMax, bound('<=')),
  ];
}

const isNumber = (text: string): boolean => /^-?\d{1,100}(\.\d{1,100})?(e[+-]?\d{1,3})?$/i.test(text);

// JSON compares numbers by their value, and no cast of an older row, which another contract had, fails.
function featureCondition(condition: FeatureCondition): Condition {
  const { column, is } = condition;
  if (is === 'any')
    return one(
      (place, values) => `coalesce(features -> ${place}::text, 'null') = any (${values}::jsonb[])`,
      column,
      condition.values.map((value) => JSON.stringify(value)),
    );
  const { value } = condition;
  const json = JSON.stringify(value);
  switch (is) {
    case 'equal':
      return value === null
        ? one((place) => `coalesce(features -> ${place}::text, 'null') = 'null'`, column)
        : one((place, valuePlace) => `features -> ${place}::text = ${valuePlace}::jsonb`, column, json);
    case 'min':
    case 'max': {
      const sign = is === 'min' ? '>=' : '<=';
      return typeof value === 'number'
        ? one(
            (place, valuePlace) =>
              `(jsonb_typeof(features -> ${place}::text) = 'number' and features -> ${place}::text ${sign} ${valuePlace}::jsonb)`,
            column,
            json,
          )
        : one(
            (place, valuePlace) => `(features ->> ${place}::text) collate "C" ${sign} ${valuePlace}`,
            column,
            String(value),
          );
    }
    default:
      return is satisfies never;
  }
}

function given<T>(value: T | undefined, toCondition: (value: T) => Condition | undefined): readonly Condition[] {
  const condition = value === undefined ? undefined : toCondition(value);
  return condition === undefined ? [] : [condition];
}

const one = (sql: Condition['sql'], ...values: readonly unknown[]): Condition => ({ sql, values });
const none = (sql: string): Condition => ({ sql: () => sql, values: [] });

// PostgreSQL's integer has at most ten digits, and not all of those.
const VERSION = /^(?<name>.+)@(?<version>\d{1,9})$/;

export function parseModel(model: string): { readonly name: string; readonly version?: number } {
  const { name, version } = VERSION.exec(model)?.groups ?? {};
  return name === undefined ? { name: model } : { name, version: Number(version) };
}
