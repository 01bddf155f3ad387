import { CodedError } from '#store';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const CONTRACT_ERRORS = {
  contract_invalid: 'A contract, a column or a contract document is invalid.',
  expectation_invalid: 'An expectation has invalid bounds, values or name.',
  file_unreadable: 'There is no plain file that can be read, or it has nothing to profile.',
  thresholds_invalid: 'A threshold of a comparison of profiles is below 0, or fails before it warns.',
  profile_outdated: 'A stored profile lacks fields that this version needs to compare profiles.',
  file_too_large: 'Work on the file needs more memory than the limit of DuckDB.',
  check_failed: "The SQL of the contract's own expectations does not run.",
  reference_missing:
    'A file is checked without another dataset that its contract names, or that dataset lacks a column.',
  engine_unsuited: 'A cluster of Spark cannot be asked a rule of the contract, or not over these files.',
  split_failed: 'A file cannot be split as requested.',
  corrupt_failed: 'Errors cannot be injected into a file as requested.',
} as const;

/** One of the codes of contracts in `docs/errors.md`. */
export type ContractErrorCode = keyof typeof CONTRACT_ERRORS;

/** A contract, a file or a request that this part cannot work with; the message says what to do about it. */
export class ContractError extends CodedError<ContractErrorCode> {
  /** For messages. */
  override readonly name = 'ContractError';
  /** The part of Weir that threw it. */
  readonly part = 'contracts';
}
