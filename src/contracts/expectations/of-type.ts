import type { ColumnKind, Expectation } from '../contract.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const IN_WORDS: Readonly<Record<ColumnKind, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  category: 'a text',
  text: 'a text',
  timestamp: 'a date and time (ISO 8601)',
  date: 'a date (ISO 8601)',
};

/** Every cell that is not empty can be read as the kind, whichever the column is declared to be. */
export function ofType(
  column: string,
  options: ExpectationOptions & {
    /** The kind that each cell must be readable as: `'integer'`. */
    readonly kind: ColumnKind;
  },
): Expectation {
  const { kind } = options;
  return cellCondition(column, options, {
    name: 'of-type',
    category: 'wrong-type',
    sentence: `${column} is ${IN_WORDS[kind]}`,
    violated: ({ raw, typedAs }) => `${raw(column)} is not null and ${typedAs(column, kind)} is null`,
  });
}
