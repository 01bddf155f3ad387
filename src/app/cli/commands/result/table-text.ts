import { toCountText } from '#store';

const ROWS_SHOWN = 10;
const COLUMNS_SHOWN = 12;
const CELL_LENGTH_MAX = 40;

type Record = Readonly<{ [field: string]: unknown }>;

/** A list of records as a table: how many there are, and the first of them. Undefined for any other value. */
export function tableText(value: unknown): string | undefined {
  if (!isTable(value)) return undefined;
  const all = [...new Set(value.flatMap((row) => Object.keys(row)))];
  const columns = all.slice(0, COLUMNS_SHOWN);
  const rows = value.slice(0, ROWS_SHOWN).map((row) => columns.map((column) => toCell(row[column])));
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((cells) => cells[at]?.length ?? 0)));
  const lines = [columns, ...rows].map((cells) =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
  );
  const rest = [
    ...(value.length > ROWS_SHOWN ? [`the first ${ROWS_SHOWN}`] : []),
    ...(all.length > COLUMNS_SHOWN ? [`${COLUMNS_SHOWN} of ${all.length} columns`] : []),
  ];
  const shown = rest.length === 0 ? '' : ` (${rest.join(', ')}; --json prints all)`;
  return `${toCountText(value.length, 'row')}${shown}\n${lines.join('\n')}\n`;
}

const isTable = (value: unknown): value is readonly Record[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));

function toCell(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  return text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX - 1)}…` : text;
}
