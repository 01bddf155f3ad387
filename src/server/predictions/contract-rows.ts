import type { Column, Contract } from '#contracts';
import type { FeatureRow } from '#ml';
import { describe, Problems, type ReadRowsLimits, readRows } from './read-rows.ts';

/** Reads a body into rows of features that keep the contract, or says which row and field does not. */
export function rowReader(contract: Contract, limits: ReadRowsLimits): (body: unknown) => readonly FeatureRow[] {
  const features = Object.entries(contract.columns).filter(([, { role }]) => role === 'feature');
  return (body) => {
    const rows = readRows(body, limits);
    const problems = new Problems(limits.problemsListed);
    rows.forEach((row, index) => {
      for (const field of Object.keys(row)) {
        if (!Object.hasOwn(contract.columns, field)) {
          problems.add({ row: index, field, expected: 'a column of the contract', got: describe(row[field]) });
        }
      }
      for (const [field, column] of features) {
        const expected = violated(column, row[field] ?? null);
        if (expected !== undefined) problems.add({ row: index, field, expected, got: describe(row[field]) });
      }
    });
    problems.assertNone();
    return rows.map((row) => Object.fromEntries(features.map(([field]) => [field, row[field] ?? null])));
  };
}

function violated(column: Column, cell: FeatureRow[string]): string | undefined {
  if (cell === null || cell === undefined) return column.nullable ? undefined : 'a value';
  switch (column.kind) {
    case 'number':
    case 'integer': {
      if (typeof cell !== 'number' || (column.kind === 'integer' && !Number.isInteger(cell))) return `a ${column.kind}`;
      const { min = -Infinity, max = Infinity } = column;
      return cell < min || cell > max ? `${min} to ${max}` : undefined;
    }
    case 'category':
      return typeof cell === 'string' && column.categories.includes(cell)
        ? undefined
        : `one of ${column.categories.join(', ')}`;
    case 'boolean':
      return typeof cell === 'boolean' ? undefined : 'true or false';
    default:
      return typeof cell === 'string' ? undefined : 'a text';
  }
}
