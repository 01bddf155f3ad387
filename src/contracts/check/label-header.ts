import type { Role } from '../contract.ts';
import { spelling } from './match-header.ts';

/** The fields of a label: what the label is of, its value, and when that was so. */
export const LABEL_FIELDS = ['rowId', 'predictionId', 'value', 'observedAt'] as const;
export type LabelField = (typeof LABEL_FIELDS)[number];

/** What columns of each field may be called beside the names in the contract. */
const CALLED: Readonly<Record<LabelField, readonly string[]>> = {
  rowId: ['row_id', 'id'],
  predictionId: ['prediction_id'],
  value: ['value', 'label', 'actual'],
  observedAt: ['observed_at', 'observed'],
};

/** What of a contract the names in a file of labels are compared with. */
interface LabelledColumns {
  readonly columns: {
    readonly [name: string]: {
      readonly role: Role;
      readonly header?: string | undefined;
      readonly label?: string | undefined;
    };
  };
}

/**
 * The name that a file of labels has for each field; that of the contract for an id or a value that it lacks. A prediction
 * is named before a row: it has its row's id with it.
 */
export function labelFileNames(
  { columns }: LabelledColumns,
  names: readonly string[],
): Readonly<Partial<Record<LabelField, string>>> {
  const others = Object.keys(columns).map(spelling);
  const maybeName = (field: LabelField, own: readonly (string | undefined)[] = []): string | undefined => {
    // A general name never means another column of the contract.
    const general = CALLED[field].map(spelling).filter((name) => !others.includes(name));
    const called = [...own.flatMap((name) => (name === undefined ? [] : spelling(name))), ...general];
    return called.flatMap((name) => names.find((each) => spelling(each) === name) ?? []).at(0);
  };
  const named = (field: LabelField, role: Role): string => {
    const [name, column] = Object.entries(columns).find(([, each]) => each.role === role) ?? [role];
    return maybeName(field, [name, column?.header, column?.label]) ?? name;
  };
  const predictionId = maybeName('predictionId');
  const observedAt = maybeName('observedAt');
  return {
    ...(predictionId === undefined ? { rowId: named('rowId', 'id') } : { predictionId }),
    value: named('value', 'label'),
    ...(observedAt !== undefined && { observedAt }),
  };
}
