import type { Deprecation } from '#api';

/** Since when a route is deprecated (RFC 9745), until when it works (RFC 8594), and what replaces it. */
export function deprecationHeaders({ since, until, successor }: Deprecation): Readonly<Record<string, string>> {
  return {
    deprecation: `@${Date.parse(since) / 1000}`,
    sunset: new Date(until).toUTCString(),
    link: `<${successor}>; rel="successor-version"`,
  };
}
