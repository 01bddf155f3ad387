// A spreadsheet runs a cell that starts with one of these as a formula (OWASP, CSV injection).
const FORMULA = /^[=+\-@\t\r]/;
// A number with a sign, or a sign alone, which often means that a value is missing.
const SIGNED = /^[+-]((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/** Cells as CSV text. Text that a spreadsheet would run gets a quote mark in front; numbers stay as they are. */
export function toCsv(lines: readonly (readonly unknown[])[]): string {
  return `${lines.map((line) => line.map(toCsvCell).join(',')).join('\r\n')}\r\n`;
}

function toCsvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) && !SIGNED.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Downloads a CSV file in the browser. */
export function downloadCsv(fileName: string, text: string): void {
  // The byte order mark makes Excel read UTF-8.
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
