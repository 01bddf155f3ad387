import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const FORM = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

/** Texts are UUIDs, of any version. */
export function uuid(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'uuid',
    category: 'format',
    sentence: `${column} is a UUID`,
    violated: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(FORM)})`,
  });
}
