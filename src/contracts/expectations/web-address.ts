import type { Expectation } from '../contract.ts';
import { IPV4_FORM, IPV6_FORM, PORT_FORM } from '../host-forms.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import type { ExpectationOptions } from './expectation-options.ts';

const LETTER = String.raw`[-_\pL\pM\pN\p{So}]`;
/** Names with dots between them, the last of which is no number: that would be an IPv4 address, in dotted form alone. */
const NAME = String.raw`(${LETTER}+\.)*${LETTER}*[-_\pL\pM\p{So}]${LETTER}*\.?`;
/** A host is also read as an IPv4 address when its last name is a hexadecimal number. */
const HEXADECIMAL_HOST = String.raw`(?i)^https?://([^/?#]*\.)?0x[0-9a-f]*\.?(:[0-9]*)?([/?#]|$)`;
const HOST = String.raw`(${IPV4_FORM}|\[${IPV6_FORM}\]|${NAME})`;
const FORM = String.raw`(?i:https?)://${HOST}(:(${PORT_FORM})?)?([/?#][^\p{Cc}\p{Z}]*)?`;

/** Texts are absolute http or https addresses without credentials; the host is a name in letters of any script, or an IP address. */
export function webAddress(column: string, options: ExpectationOptions = {}): Expectation {
  return cellCondition(column, options, {
    name: 'web-address',
    category: 'format',
    sentence: `${column} is a web address`,
    violated: ({ raw }) =>
      `not regexp_full_match(${raw(column)}, ${literal(FORM)}) or regexp_matches(${raw(column)}, ${literal(HEXADECIMAL_HOST)})`,
  });
}
