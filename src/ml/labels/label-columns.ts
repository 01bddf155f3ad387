import { type Column, type Contract, columnWithRole, type LabelField, text, timestamp } from '#contracts';

/** Below the largest bigint, which no id reaches. */
const PREDICTION_ID = '^[1-9][0-9]{0,17}$';

/** What each field must be: the columns with the roles `id` and `label` of the project's contract say it. */
export function labelColumns(contract: Contract): Readonly<Record<LabelField, Column>> {
  return {
    rowId: { ...entryWithRole(contract, 'id')[1], nullable: true, unique: false, severity: 'fail' },
    predictionId: text({ nullable: true, pattern: PREDICTION_ID }),
    value: { ...entryWithRole(contract, 'label')[1], nullable: false, unique: false, severity: 'fail' },
    observedAt: timestamp({ nullable: true }),
  };
}

/** Name and definition of the column with the role. */
export function entryWithRole(contract: Contract, role: 'id' | 'label'): readonly [name: string, column: Column] {
  const name = columnWithRole(contract, role);
  // It was found among the columns by this name.
  return [name, contract.columns[name] as Column];
}
