import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { type ExpectationOptions, invalid, type ValuesOption } from './expectation-options.ts';

/** Values are none of those named, compared by the column's kind; a text that no cell of the kind can be is found too. */
export function notInSet(column: string, options: ExpectationOptions & ValuesOption): Expectation {
  const { values } = options;
  if (values.length === 0) throw invalid('notInSet() expects at least one value; got none.');
  return cellCondition(column, options, {
    name: 'not-in-set',
    category: 'unknown-category',
    sentence: `${column} is none of ${values.join(', ')}`,
    violated: ({ typed, raw, constant }) => {
      const constants = values.map((value) => constant(column, value)).filter((sql) => sql !== undefined);
      const others = values.filter((value) => constant(column, value) === undefined);
      return [
        ...(constants.length === 0 ? [] : [`${typed(column)} in (${constants.join(', ')})`]),
        ...(others.length === 0
          ? []
          : [`${raw(column)} in (${others.map((value) => literal(String(value))).join(', ')})`]),
      ].join(' or ');
    },
  });
}
