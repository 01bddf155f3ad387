import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

/** Texts begin with `prefix`. */
export function startsWith(
  column: string,
  {
    prefix,
    ...options
  }: ExpectationOptions & {
    /** The beginning of each text: `'SKU-'`. */
    readonly prefix: string;
  },
): Expectation {
  return cellCondition(column, options, {
    name: 'starts-with',
    category: 'format',
    sentence: `${column} begins with ${JSON.stringify(prefix)}`,
    violated: ({ raw }) => `not starts_with(${raw(column)}, ${literal(prefix)})`,
  });
}
