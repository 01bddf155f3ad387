import type { Expectation, ProblemCategory, SqlNames } from '../contract.ts';
import { type ExpectationOptions, expectationOf } from './expectation-options.ts';

/** An expectation of each cell of a column, by the SQL that is true where it is not met. */
export function cellCondition(
  column: string,
  options: ExpectationOptions,
  about: {
    readonly name: string;
    readonly category: ProblemCategory;
    readonly sentence: string;
    readonly violated: (names: SqlNames) => string;
  },
): Expectation {
  const { name, category, sentence, violated } = about;
  return expectationOf(name, options, { level: 'column', category, column, sentence, sql: violated });
}

/** The same for a rule between several columns of a row. */
export function rowCondition(
  columns: readonly string[],
  options: ExpectationOptions,
  about: { readonly name: string; readonly sentence: string; readonly violated: (names: SqlNames) => string },
): Expectation {
  const { name, sentence, violated } = about;
  return expectationOf(name, options, { level: 'row', category: 'row', columns, sentence, sql: violated });
}
