/** The version of the API. Changes that existing clients survive keep it; see docs/api.md. */
export const API_VERSION = 'v1';

/** The address that names the version, for programs: `/api/v1/predict`. The one without means the present version. */
export const versionedPath = (path: string): string => path.replace(/^\/api(?=\/)/, `/api/${API_VERSION}`);

/** Of an address in a request, with or without version, the one that routes are registered under. */
export const unversionedPath = (path: string): string =>
  path.startsWith(`/api/${API_VERSION}/`) ? `/api${path.slice(`/api/${API_VERSION}`.length)}` : path;

/** That a route will be removed. Dates are days such as `2026-03-01`. */
export interface Deprecation {
  readonly since: string;
  /** The first day on which it may be gone: at least 180 days later. */
  readonly until: string;
  /** The address to use instead, such as `/api/v1/predict`. */
  readonly successor: string;
}
