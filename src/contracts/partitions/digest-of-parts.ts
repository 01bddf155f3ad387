import { createHash } from 'node:crypto';

/** The digest of a dataset: of the digests of its parts, in their order. Parts that did not change need not be read again for it. */
export function digestOfParts(digests: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['parts', ...digests]))
    .digest('hex');
}
