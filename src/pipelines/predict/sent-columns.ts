import type { Contract, Role, TypedRow } from '#contracts';
import type { FeatureRow } from '#ml';

const SENT_ROLES: readonly (Role | undefined)[] = ['id', 'time', 'feature'];

/** What the API takes of a row: its features, and its id and time, which are stored beside them. */
export function sentColumns(row: TypedRow, { columns }: Contract): FeatureRow {
  const names = Object.keys(columns).filter((name) => SENT_ROLES.includes(columns[name]?.role));
  // The contract's columns hold no lists or records, so neither do its typed rows.
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null])) as FeatureRow;
}
