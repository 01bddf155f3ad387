const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?$/;
const MIDNIGHT = /^(\d{4}-\d{2}-\d{2})[T ]00:00:00(?:\.0{1,9})?(?:Z|[+-]00:?00)?$/;

/** Whether the text is a day of the calendar, `YYYY-MM-DD`, from year 1 on. */
export function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? [];
  if (year === undefined || year === '0000') return false;
  const moment = new Date(`${text}T00:00:00Z`);
  // Date moves February 30th to March; a day that exists stays where it is.
  return (
    !Number.isNaN(moment.getTime()) && moment.getUTCMonth() + 1 === Number(month) && moment.getUTCDate() === Number(day)
  );
}

/** The day that the text names, `YYYY-MM-DD`: as a day, or as its midnight in UTC to the second, as tools store days. */
export function maybeDay(text: string): string | undefined {
  const day = MIDNIGHT.exec(text)?.[1] ?? text;
  return isDay(day) ? day : undefined;
}

/** Whether the text is an ISO 8601 date and time, with or without seconds and offset. */
export function isTimestamp(text: string): boolean {
  const day = TIMESTAMP.exec(text)?.[1];
  return day !== undefined && isDay(day);
}

/** The moment that a valid timestamp stands for, to the microsecond, in a form that is equal for equal moments. */
export function instantOf(timestamp: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(timestamp) ?? [];
  const whole = timestamp.replace(/\.\d+/, '').replace(' ', 'T');
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(whole) ? whole.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : `${whole}Z`;
  return `${Date.parse(zoned) / 1000}.${fraction.padEnd(6, '0').slice(0, 6)}`;
}
