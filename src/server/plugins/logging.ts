import { stdSerializers } from 'pino';
import { withoutCredentials } from '#engine';

/** A request for the log, without headers and query, which may hold secrets. */
export function toLoggedRequest({ id, method, url }: { id?: unknown; method?: string; url?: string }): object {
  return { id, method, path: url?.split('?')[0] };
}

/** An error for the log, with its causes, without passwords in URLs. */
export function toLoggedError(error: Error): object {
  const text = JSON.stringify(stdSerializers.errWithCause(error));
  return JSON.parse(withoutCredentials(text)) as object;
}
