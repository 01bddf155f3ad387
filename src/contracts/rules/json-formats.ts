import { maybeValue } from '../kinds/cell-value.ts';
import { compilePattern } from '../patterns/compile-pattern.ts';
import { FORMS } from './forms.ts';
import type { FormName } from './rule.ts';

const HEX = '[0-9a-fA-F]';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?([zZ]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])';
const DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const LABEL = '[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?';
/** A scheme and the characters of RFC 3986; whether its parts are sound is not looked at. */
const URI = `[a-zA-Z][a-zA-Z0-9+.-]*:([-a-zA-Z0-9._~:/?#\\[\\]@!$&'()*+,;=]|%${HEX}{2})*`;

/** A format of JSON Schema, which a text has or has not. */
export type IsFormat = (text: string) => boolean;

function isDay(text: string): boolean {
  return maybeValue('date', text.slice(0, 10)) !== undefined;
}

function whole(pattern: string): IsFormat {
  return (text) => compilePattern(pattern).matches(text);
}

function form(name: FormName): IsFormat {
  const { whole: all = '(?s).*', without } = FORMS[name];
  return (text) =>
    compilePattern(all).matches(text) && (without === undefined || !compilePattern(without, 'part').matches(text));
}

/** Formats that are tested, by name; those of moments as in RFC 3339, without leap seconds. */
export const JSON_FORMATS: ReadonlyMap<string, IsFormat> = new Map([
  ['date', (text: string) => whole(DAY)(text) && isDay(text)],
  ['date-time', (text: string) => whole(`${DAY}[tT]${TIME}`)(text) && isDay(text)],
  ['time', whole(TIME)],
  ['duration', form('duration')],
  ['email', form('email')],
  ['ipv4', form('ipv4')],
  ['ipv6', form('ipv6')],
  ['uuid', form('uuid')],
  ['hostname', (text: string) => text.length <= 253 && whole(`(${LABEL}\\.)*${LABEL}`)(text)],
  ['uri', whole(URI)],
]);
