import { toCountText } from '#store';

const ROWS_SHOWN = 10;
const COLUMNS_SHOWN = 12;
const CELL_LENGTH_MAX = 40;

type Record = Readonly<{ [field: string]: unknown }>;

/** A list of records as a table: how many there are, and the first of them. Undefined for any other value. */
export function tableText(value: unknown): string | undefined {
  if (!isTable(value)) return undefined;
  const all = [...new Set(value.flatMap((row) => Object.keys(row)))];
  const rows = value
    .slice(0, ROWS_SHOWN)
    .map((row) => all.slice(0, COLUMNS_SHOWN).map((column) => toText(row[column])));
  const lines = gridText(all, rows).map((line) => `  ${line}`);
  const rest = [
    ...(value.length > ROWS_SHOWN ? [`the first ${ROWS_SHOWN}`] : []),
    ...(all.length > COLUMNS_SHOWN ? [`${COLUMNS_SHOWN} of ${all.length} columns`] : []),
  ];
  const shown = rest.length === 0 ? '' : ` (${rest.join(', ')}; --json prints all)`;
  return `${toCountText(value.length, 'row')}${shown}\n${lines.join('\n')}\n`;
}

/** The first columns of rows as aligned lines, their names first; long cells are cut. */
export function gridText(names: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const grid = [names, ...rows].map((cells) => cells.slice(0, COLUMNS_SHOWN).map(toCell));
  const widths = (grid[0] ?? []).map((_, at) => Math.max(...grid.map((cells) => cells[at]?.length ?? 0)));
  return grid.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const isTable = (value: unknown): value is readonly Record[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));

const toText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

// A cell on one line: a line end within it would break the table.
const toCell = (text: string): string => {
  const line = text.replaceAll(/\r?\n/g, '↵');
  return line.length > CELL_LENGTH_MAX ? `${line.slice(0, CELL_LENGTH_MAX - 1)}…` : line;
};
