import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cut, losePackets, mend } from './hosts-network.ts';
import type { Member, TransportName, World } from './hosts-world.ts';

/** Something that happens to hosts or processes while goals run, and what ends it. */
export interface Fault {
  readonly name: string;
  readonly of: 'nothing' | 'worker' | 'leader' | 'database';
  /** The transport that has it; every one unless given. */
  readonly over?: TransportName;
  /** Begins it; the member is the worker of the last host, or the server that leads. */
  begin(world: World, member: Member): Promise<unknown>;
  /** Ends it after this time; when all goals are complete, if absent. */
  readonly forMs?: number;
  end(world: World, member: Member): Promise<unknown>;
}

/** Longer than every lease: 15 seconds of a run and a claim, 7 and 10 of what a worker has. */
const PAST_LEASES_MS = 25_000;
const BRIEFLY_MS = 3_000;
const LOSS = 0.1;

const nothing = async (): Promise<void> => undefined;
const ofHost = {
  begin: (_: World, { host }: Member) => cut(host),
  end: (_: World, { host }: Member) => mend(host),
};
const stopped = {
  begin: (_: World, { process: { pid } }: Member) => signalTree(pid, 'SIGSTOP'),
  end: (_: World, { process: { pid } }: Member) => signalTree(pid, 'SIGCONT'),
};
const killed = {
  begin: (_: World, { process: { pid } }: Member) => signalTree(pid, 'SIGKILL'),
  end: (_: World, member: Member) => member.start(),
};
/** The process that was started, without those that it started. */
const killedAlone = { ...killed, begin: async (_: World, { process }: Member) => process.signal('SIGKILL') };
const ofDatabase = {
  begin: ({ database: { host } }: World) => cut(host),
  end: ({ database: { host } }: World) => mend(host),
};
const restarted = (signal: 'SIGINT' | 'SIGKILL') => ({
  ...{ of: 'database' as const, forMs: 0, end: nothing },
  begin: async ({ database: { postgres } }: World) => {
    await postgres.stop(signal);
    await postgres.start();
  },
});
const loss = (share: number) => (world: World) =>
  Promise.all([world.database.host, ...world.workers.map(({ host }) => host)].map((host) => losePackets(host, share)));

/** A process and those below it, which are in groups of their own. */
async function signalTree(root: number, signal: NodeJS.Signals): Promise<void> {
  const below = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(/\) \S (\d+)/.exec(stat)?.[1] ?? 0);
    below.set(parent, [...(below.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(below.get(pid) ?? []));
  for (const pid of tree)
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
}

const seconds = (ms: number): string => `${ms / 1_000} s`;

export const FAULTS: readonly Fault[] = [
  { name: 'nothing', of: 'nothing', forMs: 0, begin: nothing, end: nothing },
  { name: `host of a worker cut off for ${seconds(BRIEFLY_MS)}`, of: 'worker', forMs: BRIEFLY_MS, ...ofHost },
  { name: `host of a worker cut off for ${seconds(PAST_LEASES_MS)}`, of: 'worker', forMs: PAST_LEASES_MS, ...ofHost },
  { name: 'host of a worker cut off until the end', of: 'worker', ...ofHost },
  { name: 'worker killed', of: 'worker', ...killedAlone },
  { name: 'worker killed with its processes', of: 'worker', ...killed },
  { name: `worker stopped for ${seconds(PAST_LEASES_MS)}`, of: 'worker', forMs: PAST_LEASES_MS, ...stopped },
  { name: 'worker stopped until the end', of: 'worker', ...stopped },
  { name: 'leading scheduler killed', of: 'leader', ...killed },
  { name: `leading scheduler stopped for ${seconds(PAST_LEASES_MS)}`, of: 'leader', forMs: PAST_LEASES_MS, ...stopped },
  {
    name: `host of the leading scheduler cut off for ${seconds(PAST_LEASES_MS)}`,
    ...ofHost,
    of: 'leader',
    forMs: PAST_LEASES_MS,
  },
  { name: 'host of the leading scheduler cut off until the end', of: 'leader', ...ofHost },
  { name: 'PostgreSQL restarted', ...restarted('SIGINT') },
  { name: 'PostgreSQL killed', ...restarted('SIGKILL') },
  {
    name: `host of PostgreSQL cut off for ${seconds(PAST_LEASES_MS)}`,
    of: 'database',
    forMs: PAST_LEASES_MS,
    ...ofDatabase,
  },
  {
    ...{ name: 'Temporal killed', of: 'database', over: 'temporal', forMs: 0, end: nothing },
    begin: async ({ temporal }) => temporal?.killAndStart(),
  },
  { name: `every tenth packet lost, all hosts`, of: 'nothing', begin: loss(LOSS), end: loss(0) },
];

/** Does it, and resolves when it has ended; `complete` resolves when all goals are. */
export async function inflict(
  fault: Fault,
  { world, member, complete }: { readonly world: World; readonly member: Member; readonly complete: Promise<unknown> },
): Promise<void> {
  await fault.begin(world, member);
  await (fault.forMs === undefined ? complete : delay(fault.forMs));
  await fault.end(world, member);
}
