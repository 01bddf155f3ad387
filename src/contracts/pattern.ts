import { ContractError } from './errors.ts';

/*
 * Patterns use the syntax of RE2, which DuckDB runs; rows given as JSON are checked by JavaScript's RegExp. Differences
 * are translated here, and what only one of them supports is refused when the contract is defined.
 */

const SPACES = '\\t\\n\\f\\r ';
const UNSHARED = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k<|\\[uc]|\\[pP](?!\{)/;
const REPEATED = /\{(\d+)(?:,(\d*))?\}/g;
const REPEATS_MAX = 1000;

/** The pattern in JavaScript's syntax, for the whole text. */
export function toRegExp(pattern: string): RegExp {
  let inClass = false;
  const translated = pattern.replaceAll(/\\[\s\S]|[[\].]/g, (token) => {
    if (token === '[') inClass = true;
    else if (token === ']') inClass = false;
    else if (token === '\\s') return inClass ? SPACES : `[${SPACES}]`;
    else if (token === '\\S' && !inClass) return `[^${SPACES}]`;
    else if (token === '.' && !inClass) return '[^\\n]';
    return token;
  });
  return new RegExp(`^(?:${translated})$`, 'u');
}

/** Refuses an invalid pattern, or one that the two engines would read differently. */
export function assertPattern(pattern: string): void {
  try {
    toRegExp(pattern);
  } catch (cause) {
    throw invalid(`text({ pattern }) expects a regular expression; got ${JSON.stringify(pattern)}.`, cause);
  }
  const isUnshared = UNSHARED.test(pattern) || /\[[^\]]*\\S/.test(pattern);
  if (isUnshared) {
    throw invalid(
      `text({ pattern }) cannot use look-around, back-references, \\u, \\c or \\S in a class; got ${JSON.stringify(pattern)}. Use row() for such a rule.`,
    );
  }
  const repeats = [...pattern.matchAll(REPEATED)].flatMap(([, least, most]) => [Number(least), Number(most ?? 0)]);
  if (repeats.some((times) => times > REPEATS_MAX)) {
    throw invalid(`text({ pattern }) can repeat a part ${REPEATS_MAX} times at most; got ${JSON.stringify(pattern)}.`);
  }
}

function invalid(message: string, cause?: unknown): ContractError {
  return new ContractError('contract_invalid', message, { cause });
}
