import type { Expectation } from '../contract.ts';
import { decimalSql, numeral } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { type ExpectationOptions, invalid } from './expectation-options.ts';

/** A step of more decimals leaves too few of a decimal's 38 digits for the numbers themselves. */
const DECIMALS_MAX = 20;
/**
 * Up to this many steps a double resolves a billionth of a step, so that rounding errors of sums and products can be
 * tolerated.
 */
const FORGIVEN_STEPS = 1e6;

/**
 * Numbers are whole multiples of `step`, by their decimal digits: 1234567.89 is one of 0.01, though no double is exactly
 * so. What computing leaves behind, as in 0.1 + 0.2, is forgiven within a billionth of the step.
 */
export function multipleOf(
  column: string,
  options: ExpectationOptions & {
    /** What the numbers are multiples of, above 0: `0.01`. */
    readonly step: number;
  },
): Expectation {
  const { step } = options;
  const decimals = decimalsOf(step);
  if (!(Number.isFinite(step) && step > 0 && decimals <= DECIMALS_MAX)) {
    throw invalid(`multipleOf('${column}') expects a step above 0 of at most ${DECIMALS_MAX} decimals; got ${step}.`);
  }
  return cellCondition(column, options, {
    name: 'multiple-of',
    category: 'format',
    sentence: `${column} is a multiple of ${step}`,
    violated: ({ typed }) => {
      const value = typed(column);
      const [decimal, unit] = [decimalSql(value, decimals), decimalSql(numeral(step), decimals)];
      // The digits end where those of the step do, or reading them back gives another number. (DuckDB's cast of a decimal to
      // a double rounds twice.) A number too large for a decimal has no digits so far behind its point: it is not refused.
      const isExact = `${decimal}::varchar::double = ${value}::double and ${decimal} % ${unit} = 0`;
      const steps = `${value} / ${numeral(step)}`;
      const isNear = `abs(${steps}) < ${FORGIVEN_STEPS} and abs(${steps} - round(${steps})) <= 1e-9`;
      return `not (${isExact}) and not (${isNear})`;
    },
  });
}

/** How many digits a number has behind its point. */
function decimalsOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^[\d]*\.?(\d*)(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}
