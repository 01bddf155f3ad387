export const MINUTE_MS = 60_000;

/** The moment so long before now, as the API writes it. */
export const at = (nowMs: number, minutes: number, seconds = 0): string =>
  new Date(nowMs - minutes * MINUTE_MS - seconds * 1000).toISOString();
