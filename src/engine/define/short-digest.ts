const SHOWN = 12;
const DIGEST = /\b[0-9a-f]{64}\b/g;

/** The first digits of a digest or a key: enough to tell it from others, for people. */
export const shortDigest = (digest: string): string => digest.slice(0, SHOWN);

/** A text for people with its digests shortened. */
export const withShortDigests = (text: string): string =>
  text.replaceAll(DIGEST, (digest) => `${shortDigest(digest)}…`);
