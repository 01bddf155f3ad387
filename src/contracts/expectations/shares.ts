import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import {
  assertBounds,
  boundsOf,
  type ExpectationOptions,
  expectationOf,
  invalid,
  percentOf,
  type SeverityOption,
  type SqlColumnsOption,
} from './expectation-options.ts';

/**
 * The share of rows where an SQL condition over the typed columns holds, among those where it is true or false.
 *
 * @example shareBetween('few-very-old', { where: 'age > 90', max: 0.1 })
 */
export function shareBetween(
  name: string,
  options: SeverityOption &
    SqlColumnsOption & {
      /** Condition in SQL over the typed columns: `'age > 90'`. */
      readonly where: string;
      /** Smallest share allowed, itself included; 0 unless set. */
      readonly min?: number;
      /** Largest share allowed, itself included; 1 unless set. */
      readonly max?: number;
    },
): Expectation {
  const { columns, severity, min = 0, max = 1 } = options;
  assertBounds(`shareBetween('${name}')`, options);
  if (min < 0 || max > 1) throw invalid(`shareBetween('${name}') expects shares from 0 to 1; got ${min} and ${max}.`);
  const sql = embeddedSql(`shareBetween('${name}') expects in where`, options.where);
  return expectationOf(
    'share-between',
    { name, ...(severity === undefined ? {} : { severity }) },
    {
      severity: 'warn',
      category: 'distribution',
      sentence: `${sql} in ${percentOf(min)} to ${percentOf(max)} of the rows`,
      rule: {
        ...{ over: 'table', test: 'aggregate', aggregate: 'share', sql },
        ...(columns === undefined ? {} : { columns }),
        ...boundsOf(options),
      },
    },
  );
}

/** Each named value makes up its share of the column's values (0 to 1), give or take `tolerance`. */
export function categoryShares(
  column: string,
  options: ExpectationOptions & {
    /** Share of each value, 0 to 1: `{ '1st': 0.25, '2nd': 0.75 }`. */
    readonly shares: Readonly<Record<string, number>>;
    /** How far each share may be off, above 0: `0.05`. */
    readonly tolerance: number;
  },
): Expectation {
  const { shares, tolerance } = options;
  const named = Object.entries(shares);
  if (named.length === 0 || named.some(([, share]) => !(share >= 0 && share <= 1)) || !(tolerance > 0)) {
    throw invalid(`categoryShares('${column}') expects shares from 0 to 1 and a tolerance above 0.`);
  }
  return expectationOf('category-shares', options, {
    severity: 'warn',
    category: 'distribution',
    sentence: `${column} is ${named.map(([value, share]) => `${value} in ${share}`).join(', ')} of the rows, ± ${tolerance}`,
    rule: { over: 'table', test: 'shares', column, shares, tolerance },
  });
}
