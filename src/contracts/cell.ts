/** Kinds of columns that have no parameters. */
export const PLAIN_KINDS = [
  'number',
  'integer',
  'boolean',
  'category',
  'text',
  'timestamp',
  'date',
  'time',
  'duration',
  'list',
  'struct',
] as const;
export type PlainKind = (typeof PLAIN_KINDS)[number];
/** Decimals of so many digits in all, and so many of them behind the point: `decimal(12,2)`. */
export type DecimalKind = `decimal(${number},${number})`;
/** How the cells of a column are read. */
export type ColumnKind = PlainKind | DecimalKind;

/** The value of a cell, by the kind of its column: dates, times, durations and decimals as texts, lists and structs as JSON. */
export type CellValue = string | number | boolean;
