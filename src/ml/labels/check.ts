import { type Contract, checkRows, maybeValue, momentOf, type RowProblem } from '#contracts';
import { labelColumns } from './label-columns.ts';
import type { GivenLabel } from './store.ts';

/** Labels without a problem, and the problems of the others. A problem names the label by its position, from 0. */
export interface CheckedLabels {
  readonly labels: readonly GivenLabel[];
  readonly problems: readonly RowProblem[];
}

/** Reads labels that came as JSON, `{ rowId | predictionId, value, observedAt? }`, and checks them against the contract. */
export function labelReader(contract: Contract): (given: readonly unknown[]) => CheckedLabels {
  const columns = labelColumns(contract);
  const labelContract = { ...contract, columns, expectations: [] };
  return (given) => {
    const { rows, indexes, problems } = checkRows(
      labelContract,
      given.map((label) => normalised(label, contract)),
    );
    const read = rows.map((row) => toLabel(row));
    const unnamed = read.flatMap((label, index) => problemOfName(label, indexes[index] ?? 0) ?? []);
    return { labels: read, problems: [...problems, ...unnamed] };
  };
}

/** A label of columns that were checked. */
export function toLabel(row: Readonly<Record<string, unknown>>): GivenLabel {
  const { rowId, predictionId, value, observedAt } = row;
  return {
    ...(isGiven(rowId) && { rowId: String(rowId) }),
    ...(isGiven(predictionId) && { predictionId: String(predictionId) }),
    // Checked against the label column, whose values are texts, numbers and booleans.
    value: value as GivenLabel['value'],
    ...(isGiven(observedAt) && { observedAt: momentOf(String(observedAt)) }),
  };
}

/** The one spelling of a row's id, so that 7 and 07 are the same row; the text itself when it cannot be an id. */
export function toRowId(contract: Contract, id: string): string {
  return String(maybeValue(labelColumns(contract).rowId.kind, id) ?? id);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Ids may come as numbers or as texts, and a moment as a day. */
function normalised(label: unknown, contract: Contract): unknown {
  if (typeof label !== 'object' || label === null || Array.isArray(label)) return label;
  const { kind } = labelColumns(contract).rowId;
  const fields = Object.entries(label).map(([field, value]) => {
    if (field === 'rowId' && typeof value === 'string') return [field, maybeValue(kind, value) ?? value];
    if (field === 'rowId' && typeof value === 'number' && (kind === 'text' || kind === 'category'))
      return [field, String(value)];
    if (field === 'predictionId' && typeof value === 'number') return [field, String(value)];
    const day = field === 'observedAt' && typeof value === 'string' ? maybeValue('date', value) : undefined;
    return [field, day === undefined ? value : `${day}T00:00:00Z`];
  });
  return Object.fromEntries(fields);
}

function problemOfName({ rowId, predictionId }: GivenLabel, row: number): RowProblem | undefined {
  if ((rowId === undefined) !== (predictionId === undefined)) return undefined;
  const got = rowId === undefined ? 'neither' : `both, ${JSON.stringify(rowId)} and ${JSON.stringify(predictionId)}`;
  return { row, field: 'rowId', expected: 'either rowId or predictionId', got };
}
