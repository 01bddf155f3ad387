import { isIP } from 'node:net';

/**
 * Where an address leads: `public` on the internet, `private` in this machine's own network or in this machine, `never`
 * where no service of people is: this link (with the metadata services of clouds), groups, and what is reserved.
 */
export type AddressReach = 'public' | 'private' | 'never';

type Range = readonly [address: string, bits: number];

const PRIVATE: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['::1', 128],
  ['fc00::', 7],
];
const NEVER: readonly Range[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // Metadata services of clouds that are not on the link: Alibaba, Azure, AWS.
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['fd00:ec2::', 32],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
/** Addresses of IPv6 that hold one of IPv4 in their last 32 bits: mapped, and translated by NAT64. */
const HOLDING_IPV4: readonly Range[] = [
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
];
const UNICAST_IPV6: Range = ['2000::', 3];

/** Where an address of IPv4 or IPv6 leads; what is no address leads nowhere. */
export function reachOf(address: string): AddressReach {
  const bytes = maybeBytes(address);
  if (bytes === undefined) return 'never';
  if (bytes.length === 16 && HOLDING_IPV4.some((range) => isIn(bytes, range))) return reachOfBytes(bytes.slice(12));
  return reachOfBytes(bytes);
}

function reachOfBytes(bytes: readonly number[]): AddressReach {
  if (NEVER.some((range) => isIn(bytes, range))) return 'never';
  if (PRIVATE.some((range) => isIn(bytes, range))) return 'private';
  return bytes.length === 4 || isIn(bytes, UNICAST_IPV6) ? 'public' : 'never';
}

function isIn(bytes: readonly number[], [address, bits]: Range): boolean {
  const base = maybeBytes(address) ?? [];
  if (base.length !== bytes.length) return false;
  return base.every((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - left)) & 0xff;
    return (byte & mask) === ((bytes[index] ?? 0) & mask);
  });
}

/** 4 or 16 bytes; undefined for a text that is no address. */
function maybeBytes(text: string): readonly number[] | undefined {
  const [address = ''] = text.split('%');
  switch (isIP(address)) {
    case 4:
      return address.split('.').map(Number);
    case 6:
      return fromIpv6(address);
    default:
      return undefined;
  }
}

function fromIpv6(address: string): readonly number[] {
  // The URL parser writes an address of IPv4 at the end as groups too.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const [before, after] = [[...head], [...(tail ?? [])]];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
