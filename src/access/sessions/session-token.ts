import { isSameDigest, macOfSecret } from '../secret.ts';

const CSRF = 'requests that change something';

/** Whether a text may be a secret as `newSecret` makes them; nothing else is looked up. */
export const isToken = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/**
 * The token that changes carry beside the cookie. It follows from the session's own secret, which scripts cannot read,
 * so it belongs to this session alone and is stored nowhere.
 */
export const csrfTokenOf = (sessionToken: string): string => macOfSecret(sessionToken, CSRF).toString('hex');

/** Whether it is the token of this session; in constant time. */
export const isCsrfTokenOf = (sessionToken: string, given: string): boolean =>
  isSameDigest(Buffer.from(given), Buffer.from(csrfTokenOf(sessionToken)));
