import { ContractError } from './errors.ts';
import { toRegExp } from './kinds/to-reg-exp.ts';

const UNSHARED = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k<|\\[uc]|\\[pP](?!\{)/;
const REPEATED = /\{(\d+)(?:,(\d*))?\}/g;
const REPEATS_MAX = 1000;

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
