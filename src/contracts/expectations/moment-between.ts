import { isDay, isTimestamp } from '../check/moments.ts';
import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** Dates and timestamps lie between `min` and `max`, both ISO 8601 and included. */
export function momentBetween(
  column: string,
  { min, max, ...options }: SeverityOption & { readonly min?: string; readonly max?: string },
): Expectation {
  const bounds = [min, max].filter((bound) => bound !== undefined);
  if (bounds.length === 0) throw invalid(`momentBetween('${column}') expects min, max or both; got neither.`);
  for (const bound of bounds) {
    if (isDay(bound) || isTimestamp(bound)) continue;
    throw invalid(`momentBetween('${column}') expects ISO 8601 such as 2026-03-01; got ${JSON.stringify(bound)}.`);
  }
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
        ...(min === undefined ? [] : [`${typed(column)} < ${literal(min)}::timestamptz`]),
        ...(max === undefined ? [] : [`${typed(column)} > ${literal(max)}::timestamptz`]),
      ].join(' or '),
  });
}
