import type { Alert } from '../alert.ts';

const ELLIPSIS = '…';
export const SHORTENED = '… (shortened: the report has all of it)';

/** The first line of a message: how critical the alert is, or that its problem ended, and its title. */
export function headingOf({ state = 'firing', criticality, title }: Alert, lengthMax: number): string {
  const sign = state === 'resolved' ? 'RESOLVED' : criticality.toUpperCase();
  return clipped(`${sign}: ${wellFormed(title).replaceAll('\n', ' ')}`, lengthMax);
}

/** At most that many UTF-16 units, as the limits of services count, and no half of a surrogate pair at the end. */
export function clipped(text: string, lengthMax: number, ending: string = ELLIPSIS): string {
  if (text.length <= lengthMax) return text;
  return `${wellFormed(text.slice(0, lengthMax - ending.length)).replace(/\uFFFD$/u, '')}${ending}`;
}

/** Half a surrogate pair and control characters would take six bytes each in JSON, or break a message. */
export function wellFormed(text: string): string {
  return Buffer.from(text)
    .toString()
    .replace(/(?!\n)\p{Cc}/gu, ' ');
}
