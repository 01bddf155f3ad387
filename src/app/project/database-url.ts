/**
 * Whether an address of PostgreSQL is read as its author meant it; an empty one is. A password with a / or # that is not
 * encoded continues as database or fragment, and its first half is taken for a host: errors would name both.
 */
export function isDatabaseUrl(text: string): boolean {
  // A folder of sockets, and after a blank the database.
  if (text === '' || text.startsWith('/')) return true;
  if (!/^(?:[a-z]+:\/\/|socket:)/i.test(text)) return false;
  const url = maybeUrl(text) ?? maybeUrl(text.replace('@/', '@localhost/'));
  return url !== undefined && !/[@#]/.test(`${url.pathname}${url.hash}${[...url.searchParams.keys()].join()}`);
}

function maybeUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
