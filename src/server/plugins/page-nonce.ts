import { randomBytes } from 'node:crypto';
import { pagePolicy } from './security-headers.ts';

/** The build leaves this in the page where the nonce of the answer goes. */
const NONCE_PLACE = '__CSP_NONCE__';
const NONCE_BYTES = 18;

/** The page of the web app with a nonce of its own, and the policy that names it. It is for one answer alone. */
export function withNonce(page: string): { readonly content: string; readonly policy: string } {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  return { content: page.replaceAll(NONCE_PLACE, nonce), policy: pagePolicy(nonce) };
}
