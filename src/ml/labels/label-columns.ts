import { type Column, type Contract, text, timestamp } from '#contracts';

/** The fields of a label: what the label is of, its value, and when that was so. */
export const LABEL_FIELDS = ['rowId', 'predictionId', 'value', 'observedAt'] as const;
export type LabelField = (typeof LABEL_FIELDS)[number];

/** Below the largest bigint, which no id reaches. */
const PREDICTION_ID = '^[1-9][0-9]{0,17}$';

/** What each field must be: the columns with the roles `id` and `label` of the project's contract say it. */
export function labelColumns(contract: Contract): Readonly<Record<LabelField, Column>> {
  return {
    rowId: { ...columnWith(contract, 'id'), nullable: true, unique: false, severity: 'fail' },
    predictionId: text({ nullable: true, pattern: PREDICTION_ID }),
    value: { ...columnWith(contract, 'label'), nullable: false, unique: false, severity: 'fail' },
    observedAt: timestamp({ nullable: true }),
  };
}

function columnWith({ name, columns }: Contract, role: 'id' | 'label'): Column {
  const column = Object.values(columns).find((each) => each.role === role);
  if (column === undefined) throw new Error(`Expected a column with role ${role} in contract ${name}.`);
  return column;
}
