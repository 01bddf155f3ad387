import pg from 'pg';

/**
 * A query with its values in place of the placeholders, for COPY, which takes none. Only for SQL that we wrote: a `$1`
 * within a text of it would be replaced too.
 */
export function withLiterals(sql: string, values: readonly unknown[]): string {
  if (values.length === 0) return sql;
  return sql.replace(/\$(\d+)/g, (place, number: string) => {
    const index = Number(number) - 1;
    if (index < values.length) return toLiteral(values[index]);
    throw new Error(`Expected a value for ${place}; got ${values.length} values.`);
  });
}

function toLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (Array.isArray(value)) return `array[${value.map(toLiteral).join(', ')}]`;
  switch (typeof value) {
    case 'string':
      return pg.escapeLiteral(value);
    case 'number':
    case 'boolean':
      return `'${value}'`;
    default:
      throw new Error(`Expected a text, a number, a time or a list of them as a value; got ${typeof value}.`);
  }
}
