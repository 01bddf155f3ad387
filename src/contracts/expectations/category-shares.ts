import type { Expectation } from '../contract.ts';
import { literal, numeral } from '../sql.ts';
import { constantsSql, type ExpectationOptions, expectationOf, invalid } from './expectation-options.ts';

/** Each named value makes up its share of the column's values (0 to 1), give or take `tolerance`. */
export function categoryShares(
  column: string,
  options: ExpectationOptions & {
    /** Share of each value, 0 to 1: `{ '1st': 0.25, '2nd': 0.75 }`. */
    readonly shares: Readonly<Record<string, number>>;
    /** How far each share may be off, above 0: `0.05`. */
    readonly tolerance: number;
  },
): Expectation {
  const { shares, tolerance } = options;
  const named = Object.entries(shares);
  if (named.length === 0 || named.some(([, share]) => !(share >= 0 && share <= 1)) || !(tolerance > 0)) {
    throw invalid(`categoryShares('${column}') expects shares from 0 to 1 and a tolerance above 0.`);
  }
  return expectationOf('category-shares', options, {
    level: 'distribution',
    severity: 'warn',
    category: 'distribution',
    column,
    sentence: `${column} is ${named.map(([value, share]) => `${value} in ${share}`).join(', ')} of the rows, ± ${tolerance}`,
    sql: (names) => {
      const value = names.typed(column);
      const constants = constantsSql(names, { column, values: named.map(([name]) => name) });
      const found = named.map(([name, share], index) => {
        const actual = `(count(*) filter (where ${value} = ${constants[index]}))::double / nullif(count(${value}), 0)`;
        return { name, actual, holds: `abs(${actual} - ${numeral(share)}) <= ${numeral(tolerance)}` };
      });
      const observed = found
        .map(({ name, actual }) => `${literal(`${name} `)} || round(${actual}, 4)`)
        .join(` || ', ' || `);
      return `select coalesce(${found.map(({ holds }) => holds).join(' and ')}, true) as ok, ${observed} as observed from ${names.table}`;
    },
  });
}
