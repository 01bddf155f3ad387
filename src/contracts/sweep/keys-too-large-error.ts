/** The keys of a file take more memory than they may; they have to be compared on disk. */
export class KeysTooLargeError extends Error {
  override readonly name = 'KeysTooLargeError';
}
