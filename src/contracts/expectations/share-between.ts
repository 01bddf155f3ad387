import type { Expectation } from '../contract.ts';
import { embeddedSql } from '../embedded-sql.ts';
import { numeral } from '../sql.ts';
import {
  assertBounds,
  expectationOf,
  invalid,
  type SeverityOption,
  type SqlColumnsOption,
} from './expectation-options.ts';

/**
 * The share of rows where an SQL condition over the typed columns holds, among those where it is true or false.
 *
 * @example shareBetween('few-very-old', { where: 'age > 90', max: 0.1 })
 */
export function shareBetween(
  name: string,
  options: SeverityOption &
    SqlColumnsOption & {
      /** Condition in SQL over the typed columns: `'age > 90'`. */
      readonly where: string;
      /** Smallest share allowed, itself included; 0 unless set. */
      readonly min?: number;
      /** Largest share allowed, itself included; 1 unless set. */
      readonly max?: number;
    },
): Expectation {
  const { columns, min = 0, max = 1 } = options;
  assertBounds(`shareBetween('${name}')`, options);
  if (min < 0 || max > 1) throw invalid(`shareBetween('${name}') expects shares from 0 to 1; got ${min} and ${max}.`);
  const where = embeddedSql(`shareBetween('${name}') expects in where`, options.where);
  const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;
  return expectationOf(
    'share-between',
    { ...options, name },
    {
      level: 'distribution',
      severity: 'warn',
      category: 'distribution',
      ...(columns === undefined ? {} : { columns }),
      sentence: `${where} in ${percent(min)} to ${percent(max)} of the rows`,
      sql: ({ table }) => {
        const share = `(count(*) filter (where ${where}))::double / nullif(count(${where}), 0)`;
        return `select coalesce(${share} between ${numeral(min)} and ${numeral(max)}, true) as ok, ${share} as observed from ${table}`;
      },
    },
  );
}
