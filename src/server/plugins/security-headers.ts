import type { FastifyInstance } from 'fastify';
import type { ServerReach } from '../options.ts';

/** The policy of API responses in a browser: nothing is allowed. */
export const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";
/**
 * Reports contain text from untrusted files: no script, no request, and no style but the one of the report, which names
 * its digest in a policy of its own; one without it may have no style.
 */
export function reportPolicy(page: string): string {
  const [, style = "'none'"] = /^[\s\S]{0,2000}?style-src ('sha256-[\w+/=]+')/.exec(page) ?? [];
  return `default-src 'none'; style-src ${style}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;
}
/** Charts as images have a style element; no text of files is in them. */
export const IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

/** Files of the web app; a worker has the policy of its file. */
export const ASSET_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The web app loads only from this server. Mantine adds style elements, which need the nonce of the answer. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Headers of every response, including those without a route. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};
/** For browsers that reached Weir by https: never by http again, for a year. */
const STRICT_TRANSPORT = { 'strict-transport-security': 'max-age=31536000' };
/** Default headers of a response: it may do nothing in a browser, and must not be cached. */
export const DATA_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': DATA_POLICY,
  'cache-control': 'no-store',
};

/** Every routed response gets these; a route that serves a page has set its own policy before. */
export function registerSecurityHeaders(app: FastifyInstance, { url = '', tls }: ServerReach): void {
  const isSecure = tls !== undefined || url.startsWith('https:');
  const headers = { ...SECURITY_HEADERS, ...(isSecure && STRICT_TRANSPORT) };
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(headers);
    for (const [name, value] of Object.entries(DATA_HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
  });
}
