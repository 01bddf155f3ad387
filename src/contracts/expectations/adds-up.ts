import type { Expectation } from '../contract.ts';
import { numeral } from '../sql.ts';
import { rowCondition } from './condition.ts';
import { invalid, type SeverityOption } from './expectation-options.ts';

/** In each row the columns of `parts` add up to `total`, within `tolerance` (a billionth unless said). */
export function addsUp(
  total: string,
  options: SeverityOption & { readonly parts: readonly string[]; readonly tolerance?: number },
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
    violated: ({ typed }) => `abs(${parts.map(typed).join(' + ')} - ${typed(total)}) > ${numeral(tolerance)}`,
  });
}
