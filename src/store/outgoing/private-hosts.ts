import { isIP } from 'node:net';

/**
 * The hosts of a setting that may have private addresses: those that are listed, separated by commas, and the host of an
 * address that says itself that it is private. A name that only leads to a private address must be listed: who answers
 * for names could lead it anywhere.
 */
export function privateHostsOf(listed: string, address: string | URL): readonly string[] {
  const { hostname } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const isPlain = isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost');
  return [...hostsOf(listed), ...(isPlain ? [host] : [])];
}

/** The hosts of a list that is separated by commas. */
export const hostsOf = (listed: string): readonly string[] =>
  listed.split(',').flatMap((host) => (host.trim() === '' ? [] : [host.trim()]));
