import type { Contract } from '#contracts';
import { MlError } from '../errors.ts';
import type { LabelKind, Labels } from '../estimators/estimator.ts';
import type { FeatureRow } from '../prediction.ts';
import { categoryIn, cellOf, numberIn } from './cell.ts';

/** The column to predict and its kind. */
export interface Label {
  readonly column: string;
  readonly label: LabelKind;
}

/**
 * The label of a contract, by its role. Categories and booleans are classes; a number is a regression unless `classes`
 * are given.
 */
export function labelOf(contract: Contract, options: { readonly classes?: readonly string[] } = {}): Label {
  const labels = Object.entries(contract.columns).filter(([, column]) => column.role === 'label');
  const [found] = labels;
  if (found === undefined || labels.length > 1) {
    throw new MlError(
      'label_invalid',
      `Contract "${contract.name}" has ${labels.length} columns of role "label"; a model needs exactly one.`,
    );
  }
  const [column, declared] = found;
  const classes =
    options.classes ??
    (declared.kind === 'category' ? declared.categories : declared.kind === 'boolean' ? ['false', 'true'] : undefined);
  if (classes !== undefined) return { column, label: classification(column, classes) };
  if (declared.kind === 'number' || declared.kind === 'integer') return { column, label: { kind: 'regression' } };
  throw new MlError(
    'label_invalid',
    `Label "${column}" is of kind ${declared.kind}. Expected a category, a boolean or a number; or give its classes.`,
  );
}

function classification(column: string, classes: readonly string[]): LabelKind {
  if (new Set(classes).size >= 2) return { kind: 'classification', classes: [...new Set(classes)] };
  throw new MlError(
    'label_invalid',
    `Label "${column}" needs at least two different classes, got: ${classes.join(', ')}.`,
  );
}

/** The labels of rows: class indexes or numbers. A row without a label is refused; drop such rows first. */
export function toLabels({ column, label }: Label, rows: readonly FeatureRow[]): Labels {
  const values = new Float64Array(rows.length);
  const positions = new Map(label.kind === 'classification' ? label.classes.map((name, index) => [name, index]) : []);
  rows.forEach((row, index) => {
    const cell = cellOf(row, column);
    const value =
      label.kind === 'regression' ? numberIn(cell, { column, row: index }) : positions.get(categoryIn(cell) ?? '');
    if (value === undefined) {
      const expected = label.kind === 'regression' ? 'a number' : `one of ${label.classes.join(', ')}`;
      throw new MlError(
        'label_invalid',
        `Row ${index}, label "${column}": expected ${expected}, got ${JSON.stringify(cell ?? null)}.`,
      );
    }
    values[index] = value;
  });
  return { label, values };
}
