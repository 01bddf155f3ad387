import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { assertBounds, boundsInWords, type SeverityOption } from './expectation-options.ts';

export interface AggregateOptions extends SeverityOption {
  readonly min?: number;
  readonly max?: number;
}

/** An expectation that one number made of a column lies within bounds; a column that yields none passes. */
export function aggregateBetween(
  column: string,
  { severity = 'warn', ...bounds }: AggregateOptions,
  about: { readonly name: string; readonly words: string; readonly sql: (typed: string) => string },
): Expectation {
  assertBounds(about.name, bounds);
  const { min, max } = bounds;
  return {
    name: about.name,
    level: 'distribution',
    severity,
    category: 'distribution',
    column,
    sentence: `${about.words} is ${boundsInWords(bounds)}`,
    sql: ({ table, typed }) => {
      const value = about.sql(typed(column));
      const holds = [
        ...(min === undefined ? [] : [`${value} >= ${numeral(min)}`]),
        ...(max === undefined ? [] : [`${value} <= ${numeral(max)}`]),
      ].join(' and ');
      return `select coalesce(${holds}, true) as ok, ${value} as observed from ${table}`;
    },
  };
}
