import { availableParallelism } from 'node:os';
import { MlError } from '../errors.ts';
import type { BoostingSettings } from '../estimators/boosting-settings.ts';
import type { LabelKind } from '../estimators/estimator.ts';

interface Asked {
  readonly settings: BoostingSettings;
  readonly label: LabelKind;
  readonly columns: readonly string[];
  readonly coded: readonly number[];
  /** Of how many parts the rows are one. */
  readonly parts: number;
}

/** The parameters of a training as LightGBM reads them. */
export function parametersOf(asked: Asked): string {
  const { settings, coded } = asked;
  const parameters: Readonly<Record<string, string | number | boolean>> = {
    ...objectiveOf(asked),
    num_leaves: settings.leaves,
    learning_rate: settings.learningRate,
    lambda_l2: settings.l2,
    min_data_in_leaf: settings.leafRowsMin,
    max_bin: settings.bins,
    feature_fraction: settings.columnShare,
    bagging_fraction: settings.rowShare,
    bagging_freq: settings.rowShare < 1 ? 1 : 0,
    seed: settings.seed,
    // With these the model is the same on any number of threads, bit for bit.
    ...{ deterministic: true, force_col_wise: true },
    // Which columns can be split on must not depend on which rows were sampled.
    feature_pre_filter: false,
    // OpenMP takes all it may have, and this machine has other work.
    num_threads: settings.threads === 0 ? Math.max(1, availableParallelism() - 1) : settings.threads,
    verbosity: -1,
    ...(coded.length === 0 ? {} : { categorical_feature: coded.join(',') }),
    ...monotoneOf(asked),
    ...togetherOf(asked),
  };
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function objectiveOf({ settings: { loss, quantile }, label }: Asked): Readonly<Record<string, string | number>> {
  if (label.kind === 'classification') {
    if (loss !== 'squared') throw impossible(`the loss "${loss}" is one of numbers, and the label has classes`);
    const count = label.classes.length;
    return count === 2 ? { objective: 'binary' } : { objective: 'multiclass', num_class: count };
  }
  switch (loss) {
    case 'squared':
      return { objective: 'regression' };
    case 'absolute':
      return { objective: 'regression_l1' };
    case 'quantile':
      return { objective: 'quantile', alpha: quantile };
    default:
      return { objective: loss };
  }
}

/** What rises or falls with a column, as a sign for each column of the matrix. */
function monotoneOf({ settings: { monotone }, columns, coded }: Asked): Readonly<Record<string, string>> {
  const named = Object.keys(monotone);
  if (named.length === 0) return {};
  for (const name of named) {
    const at = columns.indexOf(name);
    if (at !== -1 && !coded.includes(at)) continue;
    const numbers = columns.filter((_, index) => !coded.includes(index));
    throw impossible(`monotone names "${name}", which is no feature of numbers; those are ${numbers.join(', ')}`);
  }
  const signs = columns.map((name) => (Object.hasOwn(monotone, name) ? (monotone[name] === 'rising' ? 1 : -1) : 0));
  return { monotone_constraints: signs.join(',') };
}

function togetherOf({ settings, parts }: Asked): Readonly<Record<string, string | number | boolean>> {
  if (parts === 1) return {};
  if (settings.earlyStopping !== false)
    throw impossible('earlyStopping asks for rows that all parts know, and training.parts is more than 1');
  if (settings.classWeights === 'balanced')
    throw impossible('balanced classWeights ask for all rows at one place, and training.parts is more than 1');
  return { tree_learner: 'data', pre_partition: true, num_machines: parts };
}

function impossible(why: string): MlError {
  return new MlError('training_impossible', `LightGBM cannot train this: ${why}. Correct the estimator in project.ts.`);
}
