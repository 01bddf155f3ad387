import { nextDay, startOfDay } from './civil-time.ts';
import { ServerError } from './errors.ts';

const BARE_DATE = /^\d{4}-\d\d-\d\d$/;

export interface GivenPeriod {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly timezone: string;
}

/** Inclusive: a date is its whole day in the zone, a time its whole millisecond, as in responses. */
export function toPeriod({ from, to, timezone }: GivenPeriod): {
  readonly from?: Date;
  readonly toExclusive?: Date;
} {
  const start = from === undefined ? undefined : startOf(from, timezone);
  const end = to === undefined ? undefined : endOf(to, timezone);
  if (start !== undefined && end !== undefined && start >= end) {
    throw new ServerError(
      'period_invalid',
      `Expected from to lie before to; got from ${from} and to ${to}. Swap them.`,
    );
  }
  return { ...(start === undefined ? {} : { from: start }), ...(end === undefined ? {} : { toExclusive: end }) };
}

function startOf(text: string, timezone: string): Date {
  return BARE_DATE.test(text) ? startOfDay(text, timezone) : new Date(text);
}

function endOf(text: string, timezone: string): Date {
  return BARE_DATE.test(text) ? startOfDay(nextDay(text), timezone) : new Date(Date.parse(text) + 1);
}
