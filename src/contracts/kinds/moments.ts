/** Microseconds since 1970 of a valid timestamp or date, what is smaller cut off; they go beyond what a double can hold. */
export function microsecondsOf(text: string): bigint {
  if (!text.includes(':')) return BigInt(momentOf(text).getTime()) * 1000n;
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  return BigInt(wholeSeconds(text)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** The moment of a valid timestamp or date, to the millisecond: a date begins at midnight in UTC. */
export function momentOf(text: string): Date {
  if (!text.includes(':')) return new Date(`${text}T00:00:00Z`);
  const [fraction = '0'] = /\.\d{1,3}/.exec(text) ?? [];
  return new Date(wholeSeconds(text) + Math.round(Number(fraction) * 1000));
}

/** Milliseconds since 1970 of a timestamp without its fraction; one without a zone is in UTC. */
function wholeSeconds(timestamp: string): number {
  const whole = timestamp.replace(/\.\d+/, '').replace(' ', 'T');
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(whole) ? whole.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : `${whole}Z`;
  return Date.parse(zoned);
}
