import { stdSerializers } from 'pino';
import { withoutCredentials } from '#engine';

/** A request as the log shows it: never headers, never the query, either of which may hold a secret. */
export function toLoggedRequest({ id, method, url }: { id?: unknown; method?: string; url?: string }): object {
  return { id, method, path: url?.split('?')[0] };
}

/** An error as the log shows it, with its causes, without the passwords that addresses in messages carry. */
export function toLoggedError(error: Error): object {
  const text = JSON.stringify(stdSerializers.errWithCause(error));
  return JSON.parse(withoutCredentials(text)) as object;
}
