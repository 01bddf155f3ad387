import { IPV4_FORM, IPV6_FORM, PORT_FORM } from '../host-forms.ts';
import type { FormName } from './rule.ts';

/**
 * A form of texts, by patterns: one matches the whole text, the other no part of it.
 */
export interface Form {
  readonly whole?: string;
  readonly without?: string;
  /** "is a mail address". */
  readonly words: string;
}

/** White space and line ends of all of Unicode, and the byte order mark; RE2's own class is of ASCII. */
const SPACE = '[\\t-\\r\\p{Z}\ufeff]';

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';

const LETTERS = String.raw`\p{L}\p{M}\p{N}`;
const LOCAL = "([-a-zA-Z0-9.!#$%&'*+/=?^_`{|}~]|[^\\x00-\\x7F\\p{Z}\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}])+";
const LABEL = `[${LETTERS}]([-${LETTERS}]*[${LETTERS}])?`;
/** The last name of a domain begins with a letter: what ends in a number is no domain. */
const LAST = `\\p{L}[-${LETTERS}]*[${LETTERS}]`;
const EMAIL = `${LOCAL}@(${LABEL}\\.)+${LAST}`;
/** Names of a domain have 63 characters at most. Counted in `EMAIL`, it would take a hundred times as long. */
const LONG_LABEL = '@(?s:.*)[^.@]{64}';

const LETTER = String.raw`[-_\p{L}\p{M}\p{N}\p{So}]`;
/** Names with dots between them, the last of which is no number: that would be an IPv4 address, in dotted form alone. */
const NAME = String.raw`(${LETTER}+\.)*${LETTER}*[-_\p{L}\p{M}\p{So}]${LETTER}*\.?`;
const SCHEME = '[hH][tT][tT][pP][sS]?';
/** A host is also read as an IPv4 address when its last name is a hexadecimal number. */
const HEXADECIMAL_HOST = String.raw`^${SCHEME}://([^/?#]*\.)?0[xX][0-9a-fA-F]*\.?(:[0-9]*)?([/?#]|$)`;
const HOST = String.raw`(${IPV4_FORM}|\[${IPV6_FORM}\]|${NAME})`;
const WEB_ADDRESS = String.raw`${SCHEME}://${HOST}(:(${PORT_FORM})?)?([/?#][^\p{Cc}\p{Z}]*)?`;

const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?';
const CLOCK = '(T([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]+)?S)?)?';
const DURATION = `P([0-9]+W|([0-9]+Y)?([0-9]+M)?([0-9]+D)?${CLOCK})`;

/** By name. */
export const FORMS: Readonly<Record<FormName, Form>> = {
  trimmed: { without: `^${SPACE}|${SPACE}$`, words: 'has no white space at its ends' },
  uuid: { whole: UUID, words: 'is a UUID' },
  email: { whole: EMAIL, without: LONG_LABEL, words: 'is a mail address' },
  'web-address': { whole: WEB_ADDRESS, without: HEXADECIMAL_HOST, words: 'is a web address' },
  'ip-address': { whole: `${IPV4_FORM}|${IPV6_FORM}`, words: 'is an IP address' },
  ipv4: { whole: IPV4_FORM, words: 'is an IPv4 address' },
  ipv6: { whole: IPV6_FORM, words: 'is an IPv6 address' },
  'time-of-day': { whole: TIME, words: 'is a time of day (ISO 8601)' },
  // A designator has something behind it.
  duration: { whole: DURATION, without: '[PT]$', words: 'is a duration (ISO 8601)' },
};
