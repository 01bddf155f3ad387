/** What this part can refuse, by a code that stays the same when the words change. */
export type ContractErrorCode =
  | 'contract_invalid'
  | 'expectation_invalid'
  | 'file_unreadable'
  | 'check_failed'
  | 'split_failed'
  | 'corrupt_failed'
  | 'cursor_invalid';

/** A contract, a file or a request that this part cannot work with; the message says what to do about it. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: ContractErrorCode;

  constructor(code: ContractErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
