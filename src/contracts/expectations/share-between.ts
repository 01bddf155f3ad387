import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { assertBounds, invalid, type SeverityOption } from './expectation-options.ts';

/**
 * The share of rows where an SQL condition over the typed columns holds, among those where it is true or false.
 *
 * @example shareBetween('few-very-old', { where: 'age > 90', max: 0.1 })
 */
export function shareBetween(
  name: string,
  options: SeverityOption & {
    readonly where: string;
    readonly min?: number;
    readonly max?: number;
    readonly columns?: readonly string[];
  },
): Expectation {
  const { where, severity = 'warn', columns, ...bounds } = options;
  assertBounds(`shareBetween('${name}')`, bounds);
  const { min = 0, max = 1 } = bounds;
  if (min < 0 || max > 1) throw invalid(`shareBetween('${name}') expects shares from 0 to 1; got ${min} and ${max}.`);
  const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;
  return {
    name,
    level: 'distribution',
    severity,
    category: 'distribution',
    ...(columns === undefined ? {} : { columns }),
    sentence: `${where} in ${percent(min)} to ${percent(max)} of the rows`,
    sql: ({ table }) => {
      const share = `(count(*) filter (where ${where}))::double / nullif(count(${where}), 0)`;
      return `select coalesce(${share} between ${numeral(min)} and ${numeral(max)}, true) as ok, ${share} as observed from ${table}`;
    },
  };
}
