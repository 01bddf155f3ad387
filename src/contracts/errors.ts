import { CodedError } from '#store';

/** What this part can refuse: codes stay the same when the words change. `docs/errors.md` is proven equal. */
export const CONTRACT_ERRORS = {
  contract_invalid: 'A contract, a column or a contract document is not what it has to be.',
  expectation_invalid: 'An expectation was given bounds, values or a name that make no sense.',
  file_unreadable: 'There is no plain file that can be read, or it has nothing to profile.',
  profile_outdated: 'A profile that was kept lacks what this version compares profiles by.',
  file_too_large: 'Work on the file takes more memory than DuckDB may have.',
  check_failed: "The SQL of the contract's own expectations does not run.",
  split_failed: 'A file cannot be split as asked.',
  corrupt_failed: 'Errors cannot be put into a file as asked.',
  cursor_invalid: 'The cursor is not one that a page before gave.',
} as const;

export type ContractErrorCode = keyof typeof CONTRACT_ERRORS;

/** A contract, a file or a request that this part cannot work with; the message says what to do about it. */
export class ContractError extends CodedError<ContractErrorCode> {
  override readonly name = 'ContractError';
  readonly part = 'contracts';
}
