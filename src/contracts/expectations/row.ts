import type { Expectation } from '../contract.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/**
 * A rule over several columns of a row, in DuckDB's SQL over the typed columns. As with SQL's CHECK, a row where the rule
 * is neither true nor false (something is missing) does not violate it.
 *
 * @example row('adults-only', { holds: `age >= 18 or class <> 'crew'`, sentence: 'crew are adults', columns: ['age', 'class'] })
 */
export function row(
  name: string,
  options: SeverityOption & {
    readonly holds: string;
    readonly sentence?: string;
    readonly columns?: readonly string[];
  },
): Expectation {
  const { holds, sentence = holds, columns, severity = 'fail' } = options;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw invalid(`row() expects a kebab-case name; got ${JSON.stringify(name)}.`);
  if (holds.trim() === '') throw invalid(`row('${name}') expects an SQL condition in holds; got nothing.`);
  return {
    name,
    level: 'row',
    severity,
    category: 'row',
    sentence,
    ...(columns === undefined ? {} : { columns }),
    sql: () => `not (${holds})`,
  };
}
