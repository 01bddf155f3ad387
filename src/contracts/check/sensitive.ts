import type { Contract } from '../contract.ts';

interface Columns {
  readonly columns: { readonly [name: string]: { readonly sensitive?: boolean | undefined } };
}

/** Whether the values of a column stay in the data files: results, reports, alerts and logs hold none of them. */
export const isSensitive = ({ columns }: Columns, column: string): boolean => columns[column]?.sensitive === true;

/** Of contracts that were asked about: it is asked for every expectation, and a contract may have 10,000 columns. */
const known = new WeakMap<Columns['columns'], boolean>();

/** Whether some column is sensitive; then nothing is shown that may be a value of any column, such as a whole record. */
export function hasSensitive({ columns }: Columns): boolean {
  const before = known.get(columns);
  if (before !== undefined) return before;
  const found = Object.values(columns).some(({ sensitive }) => sensitive === true);
  known.set(columns, found);
  return found;
}

/** The same contract, every column of which is sensitive. */
export function withoutValues(contract: Contract): Contract {
  const columns = Object.entries(contract.columns).map(([name, column]) => [name, { ...column, sensitive: true }]);
  return Object.freeze({
    ...contract,
    columns: Object.freeze(Object.setPrototypeOf(Object.fromEntries(columns), null)),
  });
}
