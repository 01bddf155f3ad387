import type { Contract } from '../contract.ts';

interface Columns {
  readonly columns: { readonly [name: string]: { readonly sensitive?: boolean | undefined } };
}

/** Whether the values of a column stay in the data files: results, reports, alerts and logs hold none of them. */
export const isSensitive = ({ columns }: Columns, column: string): boolean => columns[column]?.sensitive === true;

/** Whether some column is sensitive; then nothing is shown that may be a value of any column, such as a whole record. */
export const hasSensitive = ({ columns }: Columns): boolean =>
  Object.values(columns).some(({ sensitive }) => sensitive === true);

/** The same contract, every column of which is sensitive. */
export function withoutValues(contract: Contract): Contract {
  const columns = Object.entries(contract.columns).map(([name, column]) => [name, { ...column, sensitive: true }]);
  return Object.freeze({
    ...contract,
    columns: Object.freeze(Object.setPrototypeOf(Object.fromEntries(columns), null)),
  });
}
