import type { Expectation } from '../contract.ts';
import { literal, numeral } from '../sql.ts';
import { type ExpectationOptions, expectationOf, invalid } from './expectation-options.ts';

/** How a column was distributed when all was well; `referenceOf` takes it from a profile. */
export type Reference =
  | {
      readonly kind: 'number';
      readonly rows: number;
      readonly edges: readonly number[];
      readonly shares: readonly number[];
    }
  | { readonly kind: 'category'; readonly rows: number; readonly shares: Readonly<Record<string, number>> };

/** Smaller parts count as this, so that a value never seen before weighs much but not infinitely. */
const SHARE_MIN = 0.0005;

/**
 * The column is distributed as in the reference: its population stability index stays below `indexMax` (0.25 unless said)
 * or below what chance alone reaches once in a hundred times with so few rows, whichever is more.
 */
export function nearReference(
  column: string,
  options: ExpectationOptions & { readonly reference: Reference; readonly indexMax?: number },
): Expectation {
  const { reference, indexMax = 0.25 } = options;
  const parts = partsOf(reference);
  if (parts.length < 2) throw invalid(`nearReference('${column}') expects a reference of two parts or more.`);
  return expectationOf('near-reference', options, {
    level: 'distribution',
    severity: 'warn',
    category: 'distribution',
    column,
    sentence: `${column} is distributed as in the reference of ${reference.rows} rows`,
    sql: ({ table, typed }) => {
      const value = typed(column);
      const cases = parts.map(({ holds }, index) => `when ${holds(value)} then ${index}`).join(' ');
      const counted = `select case ${cases} end as part, count(*) as n from ${table} where ${value} is not null group by all`;
      const known = parts.map(({ share }, index) => `(${index}, ${numeral(Math.max(SHARE_MIN, share))})`).join(', ');
      const total = `(select greatest(1, sum(n)) from counted)`;
      const actual = `greatest(${numeral(SHARE_MIN)}, coalesce(n, 0) / ${total})`;
      const index = `sum((${actual} - expected) * ln(${actual} / expected))`;
      const byChance = `${numeral(chiSquareTail(parts.length - 1))} * (1.0 / ${Math.max(1, reference.rows)} + 1.0 / ${total})`;
      return (
        `with counted as (${counted}), parts(part, expected) as (values ${known}) ` +
        `select ${index} <= greatest(${numeral(indexMax)}, ${byChance}) as ok, ${index} as observed from parts left join counted using (part)`
      );
    },
  });
}

interface Part {
  readonly share: number;
  readonly holds: (value: string) => string;
}

function partsOf(reference: Reference): readonly Part[] {
  if (reference.kind === 'category') {
    const named = Object.entries(reference.shares);
    const other = Math.max(0, 1 - named.reduce((sum, [, share]) => sum + share, 0));
    return [
      ...named.map(([name, share]) => ({ share, holds: (value: string) => `${value} = ${literal(name)}` })),
      { share: other, holds: () => 'true' },
    ];
  }
  // Inner edges only: what lies beyond the reference's range belongs to the outermost parts.
  const inner = reference.edges.slice(1, -1);
  return reference.shares.map((share, index) => {
    const edge = inner[index];
    return { share, holds: (value) => (edge === undefined ? 'true' : `${value} <= ${numeral(edge)}`) };
  });
}

/** What chi-square exceeds once in a hundred times (Wilson and Hilferty's approximation, within 1 %). */
function chiSquareTail(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + 2.3263 * Math.sqrt(spread)) ** 3;
}
