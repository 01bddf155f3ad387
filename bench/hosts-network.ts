import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...words: readonly string[]): Promise<unknown> => run('ip', [...words]);

const BRIDGE = 'hosts';
const NAMES = '/run/netns';
/** Of this process, which every host reaches. */
export const HUB = '10.77.0.254';

/** A network namespace: a host with an address of its own, and a cable to a bridge. */
export interface Host {
  readonly name: string;
  readonly address: string;
}

/** The words that start a program on a host; the process that is started becomes it. */
export const onHost = ({ name }: Host): readonly string[] => ['ip', 'netns', 'exec', name];

/**
 * A bridge and one host for each name. It has to run in namespaces of its own, for the network and for what is mounted: then
 * the kernel removes everything when the last process has ended, however it ends.
 */
export async function layNetwork(names: readonly string[]): Promise<readonly Host[]> {
  await mkdir(NAMES, { recursive: true });
  await run('mount', ['-t', 'tmpfs', 'tmpfs', NAMES]);
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', BRIDGE, 'type', 'bridge');
  await ip('address', 'add', `${HUB}/24`, 'dev', BRIDGE);
  await ip('link', 'set', BRIDGE, 'up');
  const hosts = names.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
  for (const { name, address } of hosts) {
    await ip('netns', 'add', name);
    await ip('link', 'add', cableOf(name), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('link', 'set', cableOf(name), 'master', BRIDGE, 'up');
    await ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    await ip('-n', name, 'link', 'set', 'eth0', 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  return hosts;
}

/** Names of interfaces have at most 15 characters. */
const cableOf = (host: string): string => `to-${host}`.slice(0, 15);

/** Pulls the cable: nothing goes through, and nobody is told. */
export const cut = ({ name }: Host): Promise<unknown> => ip('link', 'set', cableOf(name), 'down');

export const mend = ({ name }: Host): Promise<unknown> => ip('link', 'set', cableOf(name), 'up');

const LOSS = ['-m', 'statistic', '--mode', 'random', '--probability'] as const;

/** Drops that share of what comes to a host and of what it sends, until it is set to 0. */
export async function losePackets(host: Host, share: number): Promise<void> {
  const tables = (...words: readonly string[]): Promise<unknown> =>
    run('ip', ['netns', 'exec', host.name, 'iptables', ...words]);
  await tables('-F');
  if (share > 0)
    for (const chain of ['INPUT', 'OUTPUT']) await tables('-A', chain, ...LOSS, String(share), '-j', 'DROP');
}
