import { ContractError } from './errors.ts';
import { hasSharedSyntax, mostRepeats, REPEATS_MAX, toRegExp } from './kinds/to-reg-exp.ts';

/** Refuses an invalid pattern, or one that the two engines would read differently. */
export function assertPattern(pattern: string): void {
  try {
    toRegExp(pattern);
  } catch (cause) {
    throw invalid(`text({ pattern }) expects a regular expression; got ${JSON.stringify(pattern)}.`, cause);
  }
  if (!hasSharedSyntax(pattern)) {
    throw invalid(
      `text({ pattern }) cannot use look-around, back-references, \\u, \\c or \\S in a class; got ${JSON.stringify(pattern)}. Use row() for such a rule.`,
    );
  }
  if (mostRepeats(pattern) > REPEATS_MAX) {
    throw invalid(`text({ pattern }) can repeat a part ${REPEATS_MAX} times at most; got ${JSON.stringify(pattern)}.`);
  }
}

function invalid(message: string, cause?: unknown): ContractError {
  return new ContractError('contract_invalid', message, { cause });
}
