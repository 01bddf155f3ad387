export const COLUMN_KINDS = ['number', 'integer', 'boolean', 'category', 'text', 'timestamp', 'date'] as const;
/** How the cells of a column are read. */
export type ColumnKind = (typeof COLUMN_KINDS)[number];

/** The value of a cell, by the kind of its column: dates and timestamps as ISO 8601 texts. */
export type CellValue = string | number | boolean;
