import { durationOf, timeOf } from './times.ts';

const MICROSECONDS_PER_HOUR = 3.6e9;

/** The nearest double to a decimal, or the hours of a valid time of day or duration. */
export function numberOfText(kind: 'decimal' | 'time' | 'duration', text: string): number {
  switch (kind) {
    case 'decimal':
      return text.trim() === '' ? Number.NaN : Number(text) + 0;
    case 'time':
      return Number(timeOf(text)) / MICROSECONDS_PER_HOUR;
    case 'duration':
      return Number(durationOf(text)) / MICROSECONDS_PER_HOUR;
    default:
      return kind satisfies never;
  }
}
