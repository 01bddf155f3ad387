import type { Expectation } from '../contract.ts';
import {
  type ExpectationOptions,
  expectationOf,
  invalid,
  type RowsOptions,
  type ValuesOption,
} from './expectation-options.ts';

const NAMED_MAX = 8;

/** Values are among those named, compared by the column's kind; texts are spelled exactly so. */
export function inSet(column: string, options: RowsOptions & ValuesOption): Expectation {
  const { values } = options;
  if (values.length === 0) throw invalid('inSet() expects at least one value; got none.');
  const named = values.slice(0, NAMED_MAX).join(', ');
  return expectationOf('in-set', options, {
    category: 'unknown-category',
    sentence: `${column} is one of ${named}${values.length > NAMED_MAX ? ` and ${values.length - NAMED_MAX} more` : ''}`,
    rule: { over: 'cell', column, test: 'set', values },
  });
}

/** Values are none of those named, compared by the column's kind; a text that no cell of the kind can be is found too. */
export function notInSet(column: string, options: RowsOptions & ValuesOption): Expectation {
  const { values } = options;
  if (values.length === 0) throw invalid('notInSet() expects at least one value; got none.');
  return expectationOf('not-in-set', options, {
    category: 'unknown-category',
    sentence: `${column} is none of ${values.join(', ')}`,
    rule: { over: 'cell', column, test: 'set', values, isNegated: true },
  });
}

/** Each of the values occurs in some row of the column. */
export function containsAll(column: string, options: ExpectationOptions & ValuesOption): Expectation {
  const { values } = options;
  if (values.length === 0) throw invalid(`containsAll('${column}') expects at least one value; got none.`);
  return expectationOf('contains-all', options, {
    severity: 'warn',
    category: 'distribution',
    sentence: `${column} has each of ${values.join(', ')} somewhere`,
    rule: { over: 'table', test: 'contains', column, values },
  });
}
