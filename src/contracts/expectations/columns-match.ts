import type { Expectation } from '../contract.ts';
import { type ExpectationOptions, expectationOf } from './expectation-options.ts';

/** Table of the file's and the contract's column names: `name`, `position` in the file, `contract_position`; null where it is not. */
export const HEADER_TABLE = 'weir_header';

/** The file has the contract's columns and no other, in any order unless `order` is true. */
export function columnsMatch(
  options: ExpectationOptions & {
    /** Whether the columns must stand in the order of the contract; false unless set. */
    readonly order?: boolean;
  } = {},
): Expectation {
  const { order = false } = options;
  const odd = order
    ? `position is null or contract_position is null or position <> contract_position`
    : 'position is null or contract_position is null';
  return expectationOf('columns-match', options, {
    level: 'table',
    // It reads no cell, so none is loaded for it.
    columns: [],
    category: 'schema',
    sentence: `the columns are those of the contract${order ? ', in its order' : ''}`,
    sql: () =>
      `select count(*) = 0 as ok, string_agg(name, ', ' order by coalesce(position, contract_position)) as observed from ${HEADER_TABLE} where ${odd}`,
  });
}
