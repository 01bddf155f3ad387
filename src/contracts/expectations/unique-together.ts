import type { Expectation } from '../contract.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** No combination of values of the columns stands twice; rows that lack one of them are not compared. */
export function uniqueTogether(columns: readonly string[], { severity = 'fail' }: SeverityOption = {}): Expectation {
  if (columns.length < 2)
    throw invalid(`uniqueTogether() expects two columns or more; got ${columns.join(', ') || 'none'}.`);
  return {
    name: 'unique-together',
    level: 'row',
    form: 'key',
    severity,
    category: 'duplicate',
    columns,
    sentence: `${columns.join(' and ')} together are different in every row`,
    sql: ({ typed }) => {
      const parts = columns.map(typed);
      return `case when ${parts.map((part) => `${part} is not null`).join(' and ')} then row(${parts.join(', ')}) end`;
    },
  };
}
