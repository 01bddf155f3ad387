import type { Expectation } from '../contract.ts';
import { IPV4_FORM, IPV6_FORM } from '../host-forms.ts';
import { literal } from '../sql.ts';
import { cellCondition } from './condition.ts';
import { type ExpectationOptions, invalid } from './expectation-options.ts';

const FORMS = { 4: IPV4_FORM, 6: IPV6_FORM } as const;

/**
 * Texts are IP addresses, of both versions by default: IPv4 in dotted form, IPv6 in any of its spellings without a
 * zone.
 */
export function ipAddress(
  column: string,
  {
    version,
    ...options
  }: ExpectationOptions & {
    /** The version of the protocol; both are accepted unless set. */
    readonly version?: 4 | 6;
  } = {},
): Expectation {
  if (version !== undefined && !Object.hasOwn(FORMS, version))
    throw invalid(`ipAddress('${column}') expects version 4 or 6, or none for both; got ${JSON.stringify(version)}.`);
  const form = version === undefined ? `${IPV4_FORM}|${IPV6_FORM}` : FORMS[version];
  return cellCondition(column, options, {
    name: 'ip-address',
    category: 'format',
    sentence: `${column} is an ${version === undefined ? 'IP' : `IPv${version}`} address`,
    violated: ({ raw }) => `not regexp_full_match(${raw(column)}, ${literal(form)})`,
  });
}
