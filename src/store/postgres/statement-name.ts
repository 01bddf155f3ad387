/** How a statement is called where its text, which may hold values, must not be shown. */
export function statementName(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = nameOf(text);
  if (names.size >= NAMES_MAX) names.clear();
  names.set(text, name);
  return name;
}

const NAMES_MAX = 1_000;
const names = new Map<string, string>();

const COMMENTS = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;
const OPERATION =
  /\b(select|insert|update|delete|merge|copy|create|alter|drop|truncate|grant|revoke|set|begin|commit|rollback|listen|notify|vacuum|analyze)\b/i;
const TABLE = /\b(?:from|into|update|join|table|copy)\s+(?:only\s+|if\s+(?:not\s+)?exists\s+)?([a-z_][\w.]*)/i;
const WRITE = /\b(insert\s+into|update|delete\s+from)\s+(?:only\s+)?([a-z_][\w.]*)/i;

/** The operation and its first table: `select runs`. Of a statement with common tables, what it writes. */
function nameOf(text: string): string {
  const sql = text.replace(COMMENTS, ' ');
  const write = /^\s*with\b/i.test(sql) ? WRITE.exec(sql) : null;
  if (write !== null) return `${write[1]?.split(/\s+/)[0]} ${write[2]}`.toLowerCase();
  const operation = OPERATION.exec(sql)?.[1]?.toLowerCase() ?? 'statement';
  const table = TABLE.exec(sql)?.[1]?.toLowerCase();
  return table === undefined ? operation : `${operation} ${table}`;
}
