import { DATASET_NAME } from '../rules/rule.ts';
import { invalid } from './expectation-options.ts';

/** Refuses a name that no other dataset can have. `rows` is the file itself. */
export function assertDataset(who: string, dataset: string): void {
  if (typeof dataset === 'string' && DATASET_NAME.test(dataset) && dataset.toLowerCase() !== 'rows') return;
  throw invalid(
    `${who} expects as a dataset a name of letters, digits, dashes and underscores, such as customers; got ${JSON.stringify(dataset)}.`,
  );
}
