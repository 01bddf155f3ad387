/**
 * Whether a URL of PostgreSQL is parsed as intended; an empty one is. With an unencoded / or # in the password, its
 * second half becomes database or fragment and its first half the host: errors would show both.
 */
export function isDatabaseUrl(text: string): boolean {
  // A folder of sockets, then a space and the database.
  if (text === '' || text.startsWith('/')) return true;
  if (!/^(?:[a-z]+:\/\/|socket:)/i.test(text)) return false;
  const url = maybeUrl(text) ?? maybeUrl(text.replace('@/', '@localhost/'));
  return url !== undefined && !/[@#]/.test(`${url.pathname}${url.hash}${[...url.searchParams.keys()].join()}`);
}

function maybeUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
