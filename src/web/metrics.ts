import { type NumberStyle, toNumberText, toStatisticText, toTitle } from './format.ts';
import { own } from './own.ts';

/** The most important metrics first, which the order of the database does not know. */
const USUAL_ORDER = [
  'accuracy',
  'auc',
  'f1_macro',
  'precision_macro',
  'recall_macro',
  'balanced_accuracy',
  'rmse',
  'mae',
  'r2',
];
const USUAL_NAMES: Readonly<Record<string, string>> = {
  auc: 'AUC',
  f1_macro: 'F1, macro',
  precision_macro: 'Precision, macro',
  recall_macro: 'Recall, macro',
  brier: 'Brier score',
  rmse: 'RMSE',
  mae: 'MAE',
  r2: 'R²',
};

/** Names of metrics in the order they are shown: the usual ones first, then the rest by name. */
export function inUsualOrder(names: Iterable<string>): string[] {
  const place = (name: string): number => {
    const found = USUAL_ORDER.indexOf(name);
    return found < 0 ? USUAL_ORDER.length : found;
  };
  return [...new Set(names)].sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** Errors of a numeric label, which are numbers in its unit. */
const IN_UNIT_OF_LABEL: readonly string[] = ['rmse', 'mae', 'mean_error'];

/** The value of a metric: an error in the unit of the label, any other as a plain number. */
export function toMetricText(name: string, value: number | undefined, label?: NumberStyle): string {
  return IN_UNIT_OF_LABEL.includes(name) ? toStatisticText(value, label) : toNumberText(value);
}

/** The readable name of a metric. */
export function toMetricTitle(name: string): string {
  return own(USUAL_NAMES, name) ?? toTitle(name);
}
