/*
 * Patterns use the syntax of RE2, which DuckDB runs; rows given as JSON are checked by JavaScript's RegExp. Differences
 * are translated here, and what only one of them supports is refused when the contract is defined (`pattern.ts`).
 */

const SPACES = '\\t\\n\\f\\r ';

/** The pattern in JavaScript's syntax, for the whole text or for some part of it. */
export function toRegExp(pattern: string, { isPart = false }: { readonly isPart?: boolean } = {}): RegExp {
  let inClass = false;
  const translated = pattern.replaceAll(/\\[\s\S]|[[\].]/g, (token) => {
    if (token === '[') inClass = true;
    else if (token === ']') inClass = false;
    else if (token === '\\s') return inClass ? SPACES : `[${SPACES}]`;
    else if (token === '\\S' && !inClass) return `[^${SPACES}]`;
    else if (token === '.' && !inClass) return '[^\\n]';
    return token;
  });
  return new RegExp(isPart ? translated : `^(?:${translated})$`, 'u');
}
