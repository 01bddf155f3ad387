import type { Expectation, SqlNames } from '../contract.ts';
import { DEVIATIONS_SURE, differenceSql } from '../distribution/difference.ts';
import { assertReference, numberBins, type Reference, unnamedRows } from '../distribution/reference.ts';
import { literal, numeral } from '../sql.ts';
import { type ExpectationOptions, expectationOf } from './expectation-options.ts';

/**
 * The column is distributed as in the reference: its population stability index is at most `indexMax` (0.25 by
 * default), or no larger than chance explains for this number of rows in all but one of a thousand files.
 */
export function nearReference(
  column: string,
  options: ExpectationOptions & {
    /** The distribution to compare with; `referenceOf` makes it from a profile. */
    readonly reference: Reference;
    /** Largest population stability index that passes; 0.25 unless set. */
    readonly indexMax?: number;
  },
): Expectation {
  const { reference, indexMax = 0.25 } = options;
  assertReference(reference, `nearReference('${column}')`);
  return expectationOf('near-reference', options, {
    level: 'distribution',
    severity: 'warn',
    category: 'distribution',
    column,
    sentence: `${column} is distributed as in the reference of ${reference.rows} rows`,
    sql: (names) => {
      const { bin, known } = binsSql(names, { column, reference });
      const values = known.map(([name, rows]) => `(${name}, ${numeral(rows)})`).join(', ');
      const counted = `select ${bin} as bin, count(*) as n from ${names.table} where ${names.typed(column)} is not null group by bin`;
      const bins =
        `select coalesce(k.n, 0) as reference, coalesce(c.n, 0) as current ` +
        `from (values ${values}) k(bin, n) full join (${counted}) c using (bin)`;
      const isNear = `stability_index <= ${numeral(indexMax)} or deviations <= ${DEVIATIONS_SURE}`;
      return `select coalesce(${isNear}, true) as ok, stability_index as observed from (${differenceSql(`(${bins})`)})`;
    },
  });
}

/** SQL that names the bin of a value, and the reference's rows by that name. */
function binsSql(
  { typed, constant }: SqlNames,
  { column, reference }: { readonly column: string; readonly reference: Reference },
): { readonly bin: string; readonly known: readonly (readonly [string, number])[] } {
  const value = typed(column);
  if (reference.kind === 'number') {
    const { uppers, rows } = numberBins(reference);
    const cases = uppers.map((upper, bin) => `when ${value} <= ${numeral(upper)} then ${bin}`);
    return {
      bin: `case ${cases.join(' ')} else ${uppers.length} end`,
      known: rows.map((count, bin) => [`${bin}`, count]),
    };
  }
  const { rows, shares } = reference;
  // A value that no cell of the kind can hold stays text, and matches no row.
  const named = Object.entries(shares).map(
    ([name, share]) => [`(${constant(column, name) ?? literal(name)})::varchar`, share * rows] as const,
  );
  const unnamed = unnamedRows(reference);
  const text = `(${value})::varchar`;
  if (unnamed === 0) return { bin: text, known: named };
  // No cell is an empty text.
  const names = named.map(([name]) => name).join(', ');
  return { bin: `case when ${text} in (${names}) then ${text} else '' end`, known: [...named, [`''`, unnamed]] };
}
