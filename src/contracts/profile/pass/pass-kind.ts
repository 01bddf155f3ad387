import type { ColumnKind } from '../../contract.ts';

/** Kinds that one pass profiles: those whose values are doubles, moments or texts. */
const PASS_KINDS = ['number', 'integer', 'boolean', 'timestamp', 'date', 'category', 'text'] as const;
export type PassKind = (typeof PASS_KINDS)[number];

export function isPassKind(kind: ColumnKind): kind is PassKind {
  return PASS_KINDS.some((known) => known === kind);
}

export function isText(kind: PassKind): boolean {
  return kind === 'text' || kind === 'category';
}

/** Whether its values are doubles that are summarised as numbers. */
export function isNumber(kind: PassKind): boolean {
  return kind === 'number' || kind === 'integer';
}
