import type { ColumnProfile, Profile } from '#contracts';

/** A table of the columns, one line each. */
export function columnLines(of: Profile): string {
  const table = [
    ['column', 'kind', 'empty', 'different', 'values'],
    ...of.columns.map((column) => [
      ...[column.name, column.kind, of.rows === 0 ? '–' : `${((column.nulls / of.rows) * 100).toFixed(1)} %`],
      ...[`${column.distinctIsExact ? '' : '~'}${column.distinct}`, valuesOf(column)],
    ]),
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...table.map((cells) => cells[at]?.length ?? 0)));
  return table
    .map((cells) => `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

function valuesOf({ numbers, moments, lengths }: ColumnProfile): string {
  if (numbers !== undefined) return `${short(numbers.min)} to ${short(numbers.max)}, mean ${short(numbers.mean)}`;
  if (moments !== undefined) return `${moments.min} to ${moments.max}`;
  return lengths === undefined ? '' : `${lengths.min} to ${lengths.max} characters`;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
