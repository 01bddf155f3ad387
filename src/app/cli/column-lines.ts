import type { ColumnProfile, Profile } from '#contracts';
import { tableLines } from './table-lines.ts';

/** A table of the columns, one line each. */
export function columnLines(of: Profile): string {
  return tableLines([
    ['column', 'kind', 'empty', 'different', 'values'],
    ...of.columns.map((column) => [
      ...[column.name, column.kind, of.rows === 0 ? '–' : `${((column.nulls / of.rows) * 100).toFixed(1)} %`],
      ...[`${column.distinctIsExact ? '' : '~'}${column.distinct}`, valuesOf(column)],
    ]),
  ]);
}

function valuesOf({ kind, numbers, moments, lengths }: ColumnProfile): string {
  const unit = kind === 'time' || kind === 'duration' ? ' hours' : '';
  if (numbers !== undefined)
    return `${short(numbers.min)} to ${short(numbers.max)}${unit}, mean ${short(numbers.mean)}`;
  if (moments !== undefined) return `${moments.min} to ${moments.max}`;
  return lengths === undefined ? '' : `${lengths.min} to ${lengths.max} characters`;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
