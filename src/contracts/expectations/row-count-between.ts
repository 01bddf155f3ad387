import type { Expectation } from '../contract.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  type ExpectationOptions,
  expectationOf,
} from './expectation-options.ts';

/** The file has between `min` and `max` readable rows, both included. */
export function rowCountBetween(options: ExpectationOptions & Bounds): Expectation {
  assertBounds('rowCountBetween()', options);
  const { min, max } = options;
  return expectationOf('row-count-between', options, {
    level: 'table',
    // It reads no cell, so none is loaded for it.
    columns: [],
    category: 'schema',
    sentence: `the file has ${boundsInWords(options)} rows`,
    sql: ({ table }) =>
      `select count(*) >= ${min ?? 0} and ${max === undefined ? 'true' : `count(*) <= ${max}`} as ok, count(*) as observed from ${table}`,
  });
}
