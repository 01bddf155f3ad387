import type { Expectation } from '../contract.ts';
import { decimalSql, numeral } from '../sql.ts';
import { rowCondition } from './condition.ts';
import { type ExpectationOptions, invalid } from './expectation-options.ts';

const DECIMALS = 12;

/**
 * In each row the columns of `parts` add up to `total`, within `tolerance` (a billionth unless said). Their decimal digits
 * are added: doubles of millions lose a billionth by the adding.
 */
export function addsUp(
  total: string,
  options: ExpectationOptions & {
    /** Columns whose sum is compared with `total`: `['net', 'tax']`. */
    readonly parts: readonly string[];
    /** How far the sum may be off; 1e-9 unless set. */
    readonly tolerance?: number;
  },
): Expectation {
  const { parts, tolerance = 1e-9 } = options;
  if (parts.length === 0 || !(tolerance >= 0)) {
    throw invalid(
      `addsUp('${total}') expects parts and a tolerance of 0 or more; got ${parts.length} parts, ${tolerance}.`,
    );
  }
  return rowCondition([total, ...parts], options, {
    name: 'adds-up',
    sentence: `${parts.join(' + ')} is ${total}`,
    violated: ({ typed }) => {
      const difference = (sqlOf: (column: string) => string): string =>
        `abs(${parts.map(sqlOf).join(' + ')} - ${sqlOf(total)})::double`;
      const exact = difference((column) => decimalSql(typed(column), DECIMALS));
      // Numbers too large for decimals.
      return `coalesce(${exact}, ${difference((column) => typed(column))}) > ${numeral(tolerance)}`;
    },
  });
}
