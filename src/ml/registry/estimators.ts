import { gradientBoosting } from '../boosting/gradient-boosting.ts';
import { MlError } from '../errors.ts';
import type { GradientBoostingOptions } from '../estimators/boosting-settings.ts';
import type { Estimator } from '../estimators/estimator.ts';
import { KNN_TIE_RULE, knn } from '../estimators/knn.ts';
import { linearRegression } from '../estimators/linear-regression.ts';
import { logisticRegression } from '../estimators/logistic-regression.ts';
import { mostFrequent } from '../estimators/most-frequent.ts';

interface Kind {
  /** A method, so that functions of typed settings fit: each parses what it is given by its own schema. */
  make(settings: unknown): Estimator;
  /** How the estimator breaks ties; recorded in a model's manifest. */
  readonly tieRule: string;
}

const FIRST_CLASS = 'first class in declared order';

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['knn', { make: knn, tieRule: `neighbours: ${KNN_TIE_RULE}; classes: ${FIRST_CLASS}` }],
  ['logistic-regression', { make: logisticRegression, tieRule: `classes: ${FIRST_CLASS}` }],
  ['linear-regression', { make: linearRegression, tieRule: 'none: the answer is a number' }],
  [
    'gradient-boosting',
    // Its own schema parses what it is given.
    { make: (settings) => gradientBoosting(settings as GradientBoostingOptions), tieRule: `classes: ${FIRST_CLASS}` },
  ],
  ['most-frequent', { make: mostFrequent, tieRule: `classes: ${FIRST_CLASS}` }],
]);

/** The kinds of estimators that exist. */
export const estimatorKinds: readonly string[] = [...KINDS.keys()];

/** An estimator by name, as config and manifests write it: `estimatorOf('knn', { k: 15 })`. */
export function estimatorOf(kind: string, settings: unknown = {}): Estimator {
  return kindOf(kind).make(settings);
}

/** How this kind of estimator breaks ties. */
export function tieRuleOf(kind: string): string {
  return kindOf(kind).tieRule;
}

function kindOf(kind: string): Kind {
  const found = KINDS.get(kind);
  if (found !== undefined) return found;
  throw new MlError(
    'estimator_unknown',
    `There is no estimator "${kind}". Those that exist: ${estimatorKinds.join(', ')}.`,
  );
}
