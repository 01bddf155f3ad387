/** A file that exists but cannot be decoded into rows; the check quarantines it. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
}
