import { ServerError } from './errors.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A civil date begins at most this far from midnight UTC, with room for the widest offsets. */
const OFFSET_MAX_MS = 30 * HOUR_MS;
const ZONES_KEPT_MAX = 100;
// The range of times that PostgreSQL and JavaScript share.
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T00:00:00Z');

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The first moment of a civil date (`2024-03-31`) in a time zone; midnight does not exist every day in every zone. */
export function startOfDay(date: string, timeZone: string): Date {
  const clock = clockOf(timeZone);
  const wanted = Date.parse(`${date}T00:00:00Z`);
  if (wanted <= EARLIEST + DAY_MS) return new Date(EARLIEST);
  if (wanted >= LATEST - DAY_MS) return new Date(LATEST);
  let before = wanted - OFFSET_MAX_MS;
  let from = wanted + OFFSET_MAX_MS;
  // Bisection, because zones may shift at midnight (Cairo, Beirut), and Samoa once skipped a whole day.
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (civilDay(clock, middle) >= wanted) from = middle;
    else before = middle;
  }
  return new Date(from);
}

/** The day after a civil date. */
export function nextDay(date: string): string {
  return new Date(Math.min(Date.parse(`${date}T00:00:00Z`) + DAY_MS, LATEST)).toISOString().slice(0, 10);
}

/** The civil dates of the last days in a time zone, oldest first; the last one has `now` in it. */
export function lastDays(
  count: number,
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): string[] {
  const today = civilDay(clockOf(timeZone), now.getTime());
  return Array.from({ length: count }, (_, index) =>
    new Date(today - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** The canonical spelling of a zone; throws when there is no such zone. */
export function zoneName(timeZone: string): string {
  return clockOf(timeZone).resolvedOptions().timeZone;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = newClock(timeZone);
  if (clocks.size >= ZONES_KEPT_MAX) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
}

function newClock(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
  } catch (cause) {
    throw new ServerError(
      'timezone_unknown',
      `Expected the IANA name of a time zone, such as Europe/Paris or UTC; got ${JSON.stringify(timeZone)}.`,
      { cause },
    );
  }
}

/** Midnight UTC of the civil date of a moment in the zone, in milliseconds. */
function civilDay(clock: Intl.DateTimeFormat, moment: number): number {
  const parts = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, value]));
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
  return midnight.getTime();
}
