import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import type { AggregateOptions } from './aggregate.ts';
import { assertBounds, boundsInWords, expectationOf } from './expectation-options.ts';

/** Numbers beyond the usual whiskers (1.5 interquartile ranges) make up a share between `min` and `max` (0 to 1). */
export function outlierShareBetween(column: string, options: AggregateOptions): Expectation {
  assertBounds('outlierShareBetween()', options);
  const { min = 0, max = 1 } = options;
  return expectationOf('outlier-share-between', options, {
    level: 'distribution',
    severity: 'warn',
    category: 'distribution',
    column,
    sentence: `the share of ${column} beyond 1.5 interquartile ranges is ${boundsInWords(options)}`,
    sql: ({ table, typed }) => {
      const value = typed(column);
      // No column name can start like this.
      const [q1, q3] = ['weir_q1', 'weir_q3'];
      const quartiles = `select quantile_cont(${value}, 0.25) as ${q1}, quantile_cont(${value}, 0.75) as ${q3} from ${table}`;
      const outside = `${value} < ${q1} - 1.5 * (${q3} - ${q1}) or ${value} > ${q3} + 1.5 * (${q3} - ${q1})`;
      const share = `(count(*) filter (where ${outside}))::double / nullif(count(${value}), 0)`;
      return `select coalesce(${share} between ${numeral(min)} and ${numeral(max)}, true) as ok, ${share} as observed from ${table}, (${quartiles})`;
    },
  });
}
