import type { Expectation } from '../contract.ts';
import { maybeConstantSql } from '../kinds/cell-value.ts';
import { cellCondition } from './condition.ts';
import { type ExpectationOptions, invalid } from './expectation-options.ts';

/** Dates and timestamps lie between `min` and `max`, both ISO 8601 and included. */
export function momentBetween(
  column: string,
  {
    min,
    max,
    ...options
  }: ExpectationOptions & {
    /** First moment allowed: `'2026-03-01'`, or with a time; no bound unless set. */
    readonly min?: string;
    /** Last moment allowed: `'2026-03-31T23:59:59Z'`; no bound unless set. */
    readonly max?: string;
  },
): Expectation {
  if (min === undefined && max === undefined) {
    throw invalid(`momentBetween('${column}') expects min, max or both; got neither.`);
  }
  const bound = (moment: string): string => {
    const sql = maybeConstantSql('timestamp', moment);
    if (sql !== undefined) return sql;
    throw invalid(`momentBetween('${column}') expects ISO 8601 such as 2026-03-01; got ${JSON.stringify(moment)}.`);
  };
  const least = min === undefined ? undefined : bound(min);
  const most = max === undefined ? undefined : bound(max);
  const words = [
    ...(min === undefined ? [] : [`not before ${min}`]),
    ...(max === undefined ? [] : [`not after ${max}`]),
  ];
  return cellCondition(column, options, {
    name: 'moment-between',
    category: 'out-of-range',
    sentence: `${column} is ${words.join(' and ')}`,
    violated: ({ typed }) =>
      [
        ...(least === undefined ? [] : [`${typed(column)} < ${least}`]),
        ...(most === undefined ? [] : [`${typed(column)} > ${most}`]),
      ].join(' or '),
  });
}
