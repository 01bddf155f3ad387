import type { Expectation } from '../contract.ts';
import { type ExpectationOptions, expectationOf } from './expectation-options.ts';

/** Values never go down from one row to the next; with `strictly` they always go up. Empty cells are ignored. */
export function increasing(
  column: string,
  options: ExpectationOptions & {
    /** Whether equal neighbours are refused too; false unless set. */
    readonly strictly?: boolean;
  } = {},
): Expectation {
  const { strictly = false } = options;
  return expectationOf('increasing', options, {
    level: 'table',
    severity: 'warn',
    category: 'schema',
    column,
    sentence: `${column} ${strictly ? 'goes up' : 'never goes down'} from row to row`,
    sql: ({ table, typed }) => {
      const value = typed(column);
      const steps = `select ${value} as v, lag(${value}) over (order by rowid) as before from ${table} where ${value} is not null`;
      const down = `count(*) filter (where v ${strictly ? '<=' : '<'} before)`;
      return `select ${down} = 0 as ok, ${down} || ' times not' as observed from (${steps})`;
    },
  });
}
