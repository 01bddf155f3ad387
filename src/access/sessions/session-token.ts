import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES = 32;
/** In base64url or in hexadecimal digits. */
const TOKEN = /^[\w-]{43,64}$/;

/** A secret of 256 random bits, as text that may stand in a cookie or an address. */
export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a text may be such a secret. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What is stored of a token: whoever reads the database cannot use it. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * The token that changes carry beside the cookie. It follows from the session's own secret, which scripts cannot read,
 * so it belongs to this session alone and needs no place of its own.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('weir csrf').digest('base64url');
}

/** Whether it is the token of this session; in constant time. */
export function isCsrfTokenOf(sessionToken: string, given: string): boolean {
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  const found = Buffer.from(given);
  return found.length === expected.length && timingSafeEqual(found, expected);
}
