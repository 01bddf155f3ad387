/** A file that is there but cannot be turned into rows; the check sets it aside whole. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
}
