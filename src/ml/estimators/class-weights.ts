import { MlError } from '../errors.ts';
import type { BoostingSettings } from './boosting-settings.ts';
import type { LabelKind } from './estimator.ts';

/** A factor for each class; undefined when all count as one. */
export function classFactors(
  { classWeights }: BoostingSettings,
  { label, counts }: { readonly label: LabelKind; readonly counts: readonly number[] },
): readonly number[] | undefined {
  if (classWeights === 'equal') return undefined;
  if (label.kind === 'regression') throw impossible('classWeights are for classes, and the label is a number');
  const { classes } = label;
  if (classWeights === 'balanced') {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    return classes.map((_, index) => rows / (classes.length * Math.max(1, counts[index] ?? 0)));
  }
  const unknown = Object.keys(classWeights).find((name) => !classes.includes(name));
  if (unknown !== undefined)
    throw impossible(`classWeights names "${unknown}", which is no class; those are ${classes.join(', ')}`);
  return classes.map((name) => (Object.hasOwn(classWeights, name) ? (classWeights[name] ?? 1) : 1));
}

function impossible(why: string): MlError {
  return new MlError('training_impossible', `This cannot be trained: ${why}. Correct the estimator in project.ts.`);
}
