/** The base of the errors of all parts: the part, and a code that callers can handle. */
export abstract class CodedError<Code extends string> extends Error {
  abstract readonly part: string;
  /** What went wrong, for programs; messages may change. */
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
