/** A text as an SQL literal. */
export function literal(text: string): string {
  // DuckDB refuses NUL in statements; no cell in a comparison can hold one.
  return `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A number as an SQL literal that keeps every bit. */
export function numeral(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `${value.toExponential()}::double`;
}

/** A number by its decimal digits, with this many after the point; null when it has too many before it. */
export function decimalSql(value: string, decimals: number): string {
  return `try_cast((${value})::varchar as decimal(38, ${decimals}))`;
}
