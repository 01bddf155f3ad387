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

const UNSHARED = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k<|\\[uc]|\\[pP](?!\{)/;
const REPEATED = /\{(\d+)(?:,(\d*))?\}/g;
/** RE2 repeats a part no more often. */
export const REPEATS_MAX = 1000;

/** Whether both engines have what a pattern is written with, and mean the same by it. */
export function hasSharedSyntax(pattern: string): boolean {
  return !UNSHARED.test(pattern) && !/\[[^\]]*\\S/.test(pattern);
}

/** How often a pattern repeats a part at most, as it says in figures. */
export function mostRepeats(pattern: string): number {
  const repeats = [...pattern.matchAll(REPEATED)].flatMap(([, least, most]) => [Number(least), Number(most ?? 0)]);
  return Math.max(0, ...repeats);
}

/** The same, undefined for a pattern that is none, or that the two engines would not read alike. */
export function maybeRegExp(pattern: string, options: { readonly isPart: boolean }): RegExp | undefined {
  if (!hasSharedSyntax(pattern) || mostRepeats(pattern) > REPEATS_MAX) return undefined;
  try {
    return toRegExp(pattern, options);
  } catch {
    return undefined;
  }
}
