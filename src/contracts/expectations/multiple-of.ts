import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** Numbers are whole multiples of `step`, within a billionth of it. */
export function multipleOf(
  column: string,
  { step, ...options }: SeverityOption & { readonly step: number },
): Expectation {
  if (!(Number.isFinite(step) && step > 0))
    throw invalid(`multipleOf('${column}') expects a step above 0; got ${step}.`);
  return cellCondition(column, options, {
    name: 'multiple-of',
    category: 'format',
    sentence: `${column} is a multiple of ${step}`,
    violated: ({ typed }) => {
      const ratio = `${typed(column)} / ${numeral(step)}`;
      return `abs(${ratio} - round(${ratio})) > 1e-9`;
    },
  });
}
