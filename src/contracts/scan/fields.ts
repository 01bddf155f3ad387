const QUOTE = '"';

/** Fields of the text of one valid record, unquoted, or the first `most` of them. It follows the rules of the scanner. */
export function fieldsOf(record: string, delimiter: string, most: number = Number.POSITIVE_INFINITY): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === QUOTE) {
      let found = record.indexOf(QUOTE, at + 1);
      while (found >= 0 && record[found + 1] === QUOTE) found = record.indexOf(QUOTE, found + 2);
      const end = found < 0 ? record.length : found;
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const found = record.indexOf(delimiter, at);
      const end = found < 0 ? record.length : found;
      fields.push(record.slice(at, end));
      at = end;
    }
    if (at >= record.length || fields.length >= most) return fields;
    at += 1;
  }
}

/** A record for a strict reader: quoted where necessary, joined by the delimiter, without a line end. */
export function toRecord(fields: readonly string[], delimiter: string): string {
  // A lone empty field would be a blank line, which most readers skip.
  if (fields.length === 1 && fields[0] === '') return '""';
  return fields.map((field) => toField(field, delimiter)).join(delimiter);
}

export function toField(field: string, delimiter: string): string {
  const mustQuote = field.includes('"') || field.includes(delimiter) || field.includes('\n') || field.includes('\r');
  return mustQuote ? `"${field.replaceAll('"', '""')}"` : field;
}
