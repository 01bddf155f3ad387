import type { Column, Expectation } from '../contract.ts';
import { invalid } from './expectation-options.ts';

/**
 * The same expectations of every column whose name matches a pattern, in the order of the columns.
 *
 * @example defineContract({ name: 'survey', columns, expectations: [...forColumns(columns, /^q\d+$/, (name) => inRange(name, { min: 1, max: 5 }))] })
 */
export function forColumns(
  columns: Readonly<Record<string, Column>>,
  pattern: RegExp,
  make: (column: string) => Expectation | readonly Expectation[],
): readonly Expectation[] {
  // Unlike test(), search() begins anew in each name where the pattern is global.
  const names = Object.keys(columns).filter((name) => name.search(pattern) >= 0);
  if (names.length === 0) {
    throw invalid(
      `forColumns() expects a pattern that the name of some column matches; got ${pattern}. The columns are ${Object.keys(columns).join(', ')}.`,
    );
  }
  return names.flatMap(make);
}
