import type { Expectation, SqlNames } from '../contract.ts';
import { numeral } from '../sql.ts';
import {
  assertBounds,
  type Bounds,
  boundsInWords,
  type ExpectationOptions,
  expectationOf,
} from './expectation-options.ts';

/** Options of expectations of one number made of a column. */
export interface AggregateOptions extends ExpectationOptions, Bounds {}

/** An expectation that an aggregate of a column lies within bounds; a column without one passes. */
export function aggregateBetween(
  column: string,
  options: AggregateOptions,
  about: {
    readonly name: string;
    readonly words: string;
    readonly sql: (value: string, names: SqlNames) => string;
  },
): Expectation {
  assertBounds(about.name, options);
  const { min, max } = options;
  return expectationOf(about.name, options, {
    level: 'distribution',
    severity: 'warn',
    category: 'distribution',
    column,
    sentence: `${about.words} is ${boundsInWords(options)}`,
    sql: (names) => {
      const value = about.sql(names.typed(column), names);
      const holds = [
        ...(min === undefined ? [] : [`${value} >= ${numeral(min)}`]),
        ...(max === undefined ? [] : [`${value} <= ${numeral(max)}`]),
      ].join(' and ');
      return `select coalesce(${holds}, true) as ok, ${value} as observed from ${names.table}`;
    },
  });
}
