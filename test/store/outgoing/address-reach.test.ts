import { describe, expect, it } from 'vitest';
import { reachOf } from '#store';

describe('where an address leads', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8'])(
    'is the internet for %s',
    (address) => {
      expect(reachOf(address)).toBe('public');
    },
  );

  it.each([
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::192.168.0.1',
    '64:ff9b::a00:1',
  ])('is a private network for %s', (address) => {
    expect(reachOf(address)).toBe('private');
  });

  it.each([
    ['the metadata service of clouds', '169.254.169.254'],
    ['the same, mapped', '::ffff:169.254.169.254'],
    ['the same, by NAT64', '64:ff9b::a9fe:a9fe'],
    ['that of AWS by IPv6', 'fd00:ec2::254'],
    ['that of Alibaba', '100.100.100.200'],
    ['that of Azure', '168.63.129.16'],
    ['any address of this machine', '0.0.0.0'],
    ['any address of this machine by IPv6', '::'],
    ['this link by IPv6', 'fe80::1'],
    ['this link, with its interface', 'fe80::1%eth0'],
    ['a group', '224.0.0.1'],
    ['a group by IPv6', 'ff02::1'],
    ['everybody', '255.255.255.255'],
    ['examples', '192.0.2.1'],
    ['an address of IPv4 in one of 6to4', '2002:7f00:1::'],
    ['one of Teredo', '2001:0:7f00:1::'],
    ['NAT64 of a network alone', '64:ff9b:1::a00:1'],
    ['site-local addresses', 'fec0::1'],
    ['what is no address', 'localhost'],
    ['nothing', ''],
  ])('is nowhere for %s: %s', (_, address) => {
    expect(reachOf(address)).toBe('never');
  });
});
