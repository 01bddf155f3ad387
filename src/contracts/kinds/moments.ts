/** The moment of a valid timestamp, to the microsecond, in a form that is equal for equal moments. */
export function instantOf(timestamp: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(timestamp) ?? [];
  const whole = timestamp.replace(/\.\d+/, '').replace(' ', 'T');
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(whole) ? whole.replace(/([+-]\d\d)(\d\d)$/, '$1:$2') : `${whole}Z`;
  return `${Date.parse(zoned) / 1000}.${fraction.padEnd(6, '0').slice(0, 6)}`;
}
