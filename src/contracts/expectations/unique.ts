import type { Expectation } from '../contract.ts';
import type { SeverityOption } from './expectation-options.ts';

/** No value stands twice; of rows with the same value the first is kept and the later ones violate. */
export function unique(column: string, { severity = 'fail' }: SeverityOption = {}): Expectation {
  return {
    name: 'unique',
    level: 'column',
    form: 'key',
    severity,
    category: 'duplicate',
    column,
    sentence: `${column} is different in every row`,
    sql: ({ typed }) => typed(column),
  };
}
