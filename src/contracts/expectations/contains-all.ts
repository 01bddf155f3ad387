import type { Expectation } from '../contract.ts';
import { literal } from '../sql.ts';
import {
  constantsSql,
  type ExpectationOptions,
  expectationOf,
  invalid,
  type ValuesOption,
} from './expectation-options.ts';

/** Each of the values occurs in some row of the column. */
export function containsAll(column: string, options: ExpectationOptions & ValuesOption): Expectation {
  const { values } = options;
  if (values.length === 0) throw invalid(`containsAll('${column}') expects at least one value; got none.`);
  return expectationOf('contains-all', options, {
    level: 'distribution',
    severity: 'warn',
    category: 'distribution',
    column,
    sentence: `${column} has each of ${values.join(', ')} somewhere`,
    sql: (names) => {
      const value = names.typed(column);
      const constants = constantsSql(names, { column, values });
      const wanted = constants.map((sql, index) => `(${sql}, ${literal(String(values[index]))})`).join(', ');
      return (
        `select count(*) = 0 as ok, 'no ' || string_agg(weir_name, ', ') as observed ` +
        `from (values ${wanted}) wanted(weir_value, weir_name) ` +
        `where weir_value not in (select ${value} from ${names.table} where ${value} is not null)`
      );
    },
  });
}
