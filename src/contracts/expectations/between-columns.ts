import type { Expectation } from '../contract.ts';
import { expectationOf, invalid, type OtherOption, type RowsOptions } from './expectation-options.ts';

/** In each row `column` is less than `other`, or equal to it when `orEqual`; rows that lack one of both pass. */
export function lessThanColumn(
  column: string,
  {
    other,
    orEqual = false,
    ...options
  }: RowsOptions &
    OtherOption & {
      /** Whether equal values pass too; false unless set. */
      readonly orEqual?: boolean;
    },
): Expectation {
  return expectationOf(`${slug(column)}-less-than-${slug(other)}`, options, {
    category: 'row',
    sentence: `${column} is less than ${orEqual ? 'or equal to ' : ''}${other}`,
    rule: { over: 'row', test: 'less', column, other, ...(orEqual ? { orEqual } : {}) },
  });
}

function slug(column: string): string {
  return column.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
}

/** In each row `column` equals `other`; two empty cells are equal, an empty one and a filled one are not. */
export function equalsColumn(column: string, { other, ...options }: RowsOptions & OtherOption): Expectation {
  return expectationOf('equals-column', options, {
    category: 'row',
    sentence: `${column} equals ${other}`,
    rule: { over: 'row', test: 'equal', column, other },
  });
}

/**
 * In each row the columns of `parts` add up to `total`, within `tolerance` (a billionth unless said). Their decimal digits
 * are added: doubles of millions lose a billionth by the adding.
 */
export function addsUp(
  total: string,
  options: RowsOptions & {
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
  return expectationOf('adds-up', options, {
    category: 'row',
    sentence: `${parts.join(' + ')} is ${total}`,
    rule: { over: 'row', test: 'sum', total, parts, tolerance },
  });
}
