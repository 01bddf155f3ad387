/*
 * Forms of hosts as regular expressions (RE2), for the expectations that are about addresses.
 */

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
/** Four decimal numbers without leading zeros, which some readers take for octal. */
export const IPV4_FORM = `((${OCTET}\\.){3}${OCTET})`;

const GROUP = '[0-9a-fA-F]{1,4}';
const GROUPS = 8;
/** The last two of eight groups may be an IPv4 address. */
const whole = `(${GROUP}:){7}${GROUP}|(${GROUP}:){6}${IPV4_FORM}`;

/** `::` stands for one group or more, so that those on both sides of it are seven at most. */
function shortened(left: number): string {
  const before = left === 0 ? '' : `${GROUP}(:${GROUP}){${left - 1}}`;
  const mostAfter = GROUPS - 1 - left;
  const after = [
    ...(mostAfter >= 1 ? [`(${GROUP}:){0,${mostAfter - 1}}${GROUP}`] : []),
    ...(mostAfter >= 2 ? [`(${GROUP}:){0,${mostAfter - 2}}${IPV4_FORM}`] : []),
  ];
  return `${before}::${after.length === 0 ? '' : `(${after.join('|')})?`}`;
}

/** Every spelling of RFC 4291; not the zone (`%eth0`), which means something on one machine only. */
export const IPV6_FORM = `(${[whole, ...Array.from({ length: GROUPS }, (_, left) => shortened(left))].join('|')})`;

/** A port from 0 to 65535. */
export const PORT_FORM = '0*(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5]?[0-9]{1,4})';
