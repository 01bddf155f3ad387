import type { Expectation } from '../contract.ts';
import { assertDataset } from './dataset-name.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  boundsOf,
  type ExpectationOptions,
  expectationOf,
  invalid,
  type RowsOptions,
} from './expectation-options.ts';

/** Another dataset, which a check is given. */
export interface DatasetOption {
  /**
   * Its name, in letters, digits, dashes and underscores: `'customers'`. Projects say under `references` where it is, and
   * `weir check` by `--reference customers=customers.csv`.
   */
  readonly dataset: string;
}

/**
 * Each row's value, or values of several columns, is in another dataset too, compared by the kinds of the columns here. A row
 * that lacks one passes; where the dataset has no row, every other row violates it. Rows of the API are not asked.
 *
 * @example keysIn('customer', { dataset: 'customers', columnsThere: 'id' })
 */
export function keysIn(
  columns: string | readonly string[],
  options: RowsOptions &
    DatasetOption & {
      /** The columns of the other dataset, in the same order; those of the same names unless set. */
      readonly columnsThere?: string | readonly string[];
    },
): Expectation {
  const { dataset } = options;
  const here = [columns].flat();
  const there = [options.columnsThere ?? columns].flat();
  const who = `keysIn(${here.join(', ')})`;
  assertDataset(who, dataset);
  if (here.length === 0 || here.length !== there.length) {
    throw invalid(
      `${who} expects columns here and as many there; got ${here.length} here and ${there.length} there. Name each with the other.`,
    );
  }
  const words = there.join(' and ') === here.join(' and ') ? '' : ` as ${there.join(' and ')}`;
  return expectationOf('keys-in', options, {
    category: 'row',
    sentence: `${here.join(' and ')} ${here.length === 1 ? 'is' : 'are'} in ${dataset}${words}`,
    rule: { over: 'row', test: 'known', columns: here, dataset, there },
  });
}

/**
 * For each row of another dataset the file has between `min` and `max` readable rows, both included; exactly one unless one of
 * them is set. Where the dataset has no row, `min` is met by any file, and `max` by one without rows.
 *
 * @example rowCountMatches({ dataset: 'orders', min: 1, max: 1.05 })
 */
export function rowCountMatches(options: ExpectationOptions & DatasetOption & Bounds): Expectation {
  const { dataset } = options;
  assertDataset('rowCountMatches()', dataset);
  const isSet = options.min !== undefined || options.max !== undefined;
  const bounds = isSet ? boundsOf(options) : { min: 1, max: 1 };
  assertBounds('rowCountMatches()', bounds);
  if ((bounds.min ?? bounds.max ?? 0) < 0)
    throw invalid(`rowCountMatches() expects bounds from 0; got ${bounds.min ?? bounds.max}.`);
  return expectationOf('row-count-matches', options, {
    level: 'table',
    category: 'schema',
    sentence: isSet
      ? `the file has ${boundsInWords(bounds)} rows for each row of ${dataset}`
      : `the file has as many rows as ${dataset}`,
    rule: { over: 'table', test: 'rows-there', dataset, ...bounds },
  });
}
