import { type Contract, checkRows, withoutRoles } from '#contracts';
import type { FeatureRow } from '#ml';
import { Problems, type ReadRowsLimits, readRows } from './read-rows.ts';

/** Reads a body into rows of features that meet the contract, or reports which row and field does not. */
export function rowReader(contract: Contract, limits: ReadRowsLimits): (body: unknown) => readonly FeatureRow[] {
  const features = withoutRoles(contract, ['id', 'label', 'time', 'meta']);
  const others = Object.keys(contract.columns).filter((column) => !Object.hasOwn(features.columns, column));
  return (body) => {
    const given = readRows(body, limits).map((row) => withoutFields(row, others));
    const { rows, problems } = checkRows(features, given);
    const found = new Problems(limits.problemsListed);
    for (const problem of problems) found.add(problem);
    found.assertNone();
    return rows;
  };
}

/** Rows from a file may include their id or label; a model uses neither. */
function withoutFields(row: FeatureRow, fields: readonly string[]): FeatureRow {
  if (!fields.some((field) => Object.hasOwn(row, field))) return row;
  return Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));
}
