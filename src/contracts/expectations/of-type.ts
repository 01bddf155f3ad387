import type { ColumnKind, Expectation } from '../contract.ts';
import type { SeverityOption } from './expectation-options.ts';

const IN_WORDS: Readonly<Record<ColumnKind, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  category: 'a text',
  text: 'a text',
  timestamp: 'a date and time (ISO 8601)',
  date: 'a date (ISO 8601)',
};

/** Every cell that is not empty can be read as the kind its column is declared to be. */
export function ofType(
  column: string,
  { kind, severity = 'fail' }: SeverityOption & { readonly kind: ColumnKind },
): Expectation {
  return {
    name: 'of-type',
    level: 'column',
    severity,
    category: 'wrong-type',
    column,
    sentence: `${column} is ${IN_WORDS[kind]}`,
    sql: ({ raw, typed }) => `${raw(column)} is not null and ${typed(column)} is null`,
  };
}
