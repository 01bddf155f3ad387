import { ContractError, type ContractErrorCode } from './errors.ts';
import { compilePattern } from './patterns/compile-pattern.ts';
import { PatternFault } from './patterns/pattern-fault.ts';
import type { Where } from './patterns/program.ts';

/** Whose pattern it is, and how a text is to match it. */
interface PatternUse {
  /** The function and option that were given the pattern: `text({ pattern })`. */
  readonly of: string;
  /** The whole text, unless set. */
  readonly where?: Where;
  readonly code?: ContractErrorCode;
}

/** Refuses a pattern that RE2 does not read, or that cannot be matched in linear time. */
export function assertPattern(pattern: string, { of, where, code = 'expectation_invalid' }: PatternUse): void {
  const got = `got ${JSON.stringify(pattern)}`;
  if (typeof pattern !== 'string') throw new ContractError(code, `${of} expects a regular expression; ${got}.`);
  try {
    compilePattern(pattern, where);
  } catch (cause) {
    if (!(cause instanceof PatternFault)) throw cause;
    throw new ContractError(code, `${of} expects a regular expression of RE2; ${got}: ${cause.message}`, { cause });
  }
}
