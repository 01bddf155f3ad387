import { ContractError } from './errors.ts';

/** A text, a quoted name, a comment, what ends a statement, white space, or one character of anything else. What is not closed reaches to the end. */
const TOKENS =
  /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;|\s+|[\s\S]/g;

/**
 * User-written SQL, prepared to be embedded in other SQL: without trailing comments and semicolons, which would cut off
 * what follows.
 */
export function embeddedSql(who: string, sql: string): string {
  let end = 0;
  let isOver = false;
  for (const { 0: token, index } of sql.matchAll(TOKENS)) {
    if (token === ';') isOver = true;
    if (token === ';' || /^(?:\s|--|\/\*)/.test(token)) continue;
    if (isOver) throw invalid(`${who} one statement of SQL; got more after a semicolon: ${JSON.stringify(sql)}.`);
    end = index + token.length;
  }
  if (end === 0) throw invalid(`${who} SQL; got ${JSON.stringify(sql)}.`);
  return sql.slice(0, end);
}

function invalid(message: string): ContractError {
  return new ContractError('expectation_invalid', message);
}
