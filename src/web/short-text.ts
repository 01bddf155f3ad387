const SHOWN = 12;
const DIGEST = /\b[0-9a-f]{32,64}\b/g;
const IDENTITY = /^([0-9a-f]{32,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Whether a text is a digest, a key or an id that no person reads to its end. */
export function isIdentity(text: string): boolean {
  return IDENTITY.test(text);
}

/** The first digits of an identity. */
export function toShortIdentity(identity: string): string {
  return `${identity.slice(0, SHOWN)}…`;
}

/** A text with its digests shortened. */
export function withShortDigests(text: string): string {
  return text.replaceAll(DIGEST, toShortIdentity);
}

/** A text on one line within a length: its end matters as much as its start, as in a path. */
export function toMiddleCut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const half = Math.floor((lengthMax - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}
