import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '#store';
import { canTest } from '../../can-test.ts';
import { freePort } from '../../free-port.ts';

const run = promisify(execFile);
const PROGRAMS = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'radosgw-admin', 'monmaptool', 'ceph-authtool'];
const COMMAND_MS_MAX = 120_000;
const START_MS_MAX = 180_000;
const POLL_MS = 100;
const STORE_TRIES_MAX = 5;

/** Whether there is a Ceph to start, or must be, as in CI. Says so when tests are skipped. */
export function canTestBuckets(): boolean {
  return canTest(
    PROGRAMS.every((name) => existsSync(`/usr/bin/${name}`)),
    'The tests on buckets are skipped: install the packages "radosgw", "ceph-mon", "ceph-osd" and "ceph-common".',
  );
}

/** A server of the S3 protocol: one process each of a monitor, a store in memory and the gateway. */
export interface Ceph {
  readonly settings: S3Settings;
  createBucket(name: string): Promise<void>;
  /** Ends the gateway at once, with whatever it is doing; what it stored stays. */
  killGateway(): Promise<void>;
  startGateway(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it with data of its own that go at the end; `address` is where its gateway listens, loopback unless set. */
export async function startCeph({ address = '127.0.0.1' } = {}): Promise<Ceph> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-ceph-'));
  const [monitorPort, gatewayPort] = [await freePort(), await freePort()];
  const processes = new Processes(path.join(folder, 'ceph.conf'));
  const stop = async (): Promise<void> => {
    await processes.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const endpoint = `http://${address}:${gatewayPort}`;
    await startStore(folder, { processes, monitorPort, gateway: `${address}:${gatewayPort}` });
    await processes.run(
      'radosgw-admin',
      ...['user', 'create', '--uid=test', '--display-name=test'],
      ...[`--access-key=${KEYS.accessKeyId}`, `--secret-key=${KEYS.secretAccessKey}`],
    );
    let gateway: ChildProcess | undefined;
    const startGateway = async (): Promise<void> => {
      const child = processes.start('radosgw', '-n', 'client.rgw');
      gateway = child;
      await until('the gateway', child, () => fetch(endpoint).then(({ ok }) => ok));
    };
    await startGateway();
    return {
      settings: { endpoint, region: '', pathStyle: true, ...KEYS, sessionToken: '', caFile: '' },
      createBucket: async (name) => {
        const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: KEYS });
        await client.send(new CreateBucketCommand({ Bucket: name }));
        client.destroy();
      },
      killGateway: async () => {
        if (gateway !== undefined) await endOne(gateway);
      },
      startGateway,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const KEYS = { accessKeyId: 'TESTKEY', secretAccessKey: 'TESTSECRET' };

interface Start {
  readonly processes: Processes;
  readonly monitorPort: number;
  readonly gateway: string;
}

/** The monitor and the store of the objects. */
async function startStore(folder: string, { processes, ...places }: Start): Promise<void> {
  for (const each of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(path.join(folder, each));
  const [fsid, osd] = [randomUUID(), randomUUID()];
  await writeFile(path.join(folder, 'ceph.conf'), configuration({ folder, fsid, ...places }));
  const monitor = `[v1:127.0.0.1:${places.monitorPort}]`;
  const [keyring, map] = [path.join(folder, 'keyring'), path.join(folder, 'monmap')];
  await run('ceph-authtool', ['--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *']);
  await run('monmaptool', ['--create', '--clobber', '--addv', 'a', monitor, '--fsid', fsid, map]);
  await processes.run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring);
  // It answers with an error at first, and makes the same store once.
  await until('the monitor', processes.start('ceph-mon', '-i', 'a'), async () => {
    await processes.run('ceph', 'osd', 'new', osd);
    return true;
  });
  await processes.run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd);
  const isUp = async (): Promise<boolean> =>
    /"num_up_osds":1/.test(await processes.run('ceph', 'osd', 'stat', '-f', 'json'));
  for (let tries = 1; ; tries++) {
    try {
      return await until('the store', processes.start('ceph-osd', '-i', '0'), isUp);
    } catch (error) {
      // It ends when it is faster than a monitor that does not know its own map yet.
      if (tries === STORE_TRIES_MAX) throw error;
    }
  }
}

/** Programs with one configuration; those that stay belong to this process. */
class Processes {
  readonly #file: string;
  readonly #children: ChildProcess[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  async run(name: string, ...args: readonly string[]): Promise<string> {
    return (await run(name, ['-c', this.#file, ...args], { timeout: COMMAND_MS_MAX })).stdout;
  }

  start(name: string, ...args: readonly string[]): ChildProcess {
    const child = spawn(name, ['-c', this.#file, '-f', ...args], { stdio: 'ignore' });
    this.#children.push(child);
    // When tests end in the middle, nothing stays behind.
    process.once('exit', () => child.kill('SIGKILL'));
    return child;
  }

  async end(): Promise<void> {
    for (const child of this.#children.reverse()) await endOne(child);
  }
}

async function endOne(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function until(name: string, child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_MS_MAX;
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Expected ${name} of Ceph to start.`);
    await pause(POLL_MS);
  }
}

interface Places {
  readonly folder: string;
  readonly fsid: string;
  readonly monitorPort: number;
  readonly gateway: string;
}

function configuration({ folder, fsid, monitorPort, gateway }: Places): string {
  return `[global]
fsid=${fsid}
mon host=[v1:127.0.0.1:${monitorPort}]
mon initial members=a
public network=127.0.0.0/8
auth cluster required=none
auth service required=none
auth client required=none
ms bind ipv6=false
ms bind msgr2=false
osd pool default size=1
osd pool default min size=1
osd pool default pg num=4
osd pool default pgp num=4
osd pool default pg autoscale mode=off
mon allow pool size one=true
osd crush chooseleaf type=0
osd objectstore=memstore
memstore device bytes=4294967296
osd class load list=*
osd class default list=*
run dir=${folder}/run
admin socket=${folder}/run/$name.asok
pid file=${folder}/run/$name.pid
log file=${folder}/log/$name.log
mon data=${folder}/mon
osd data=${folder}/osd
keyring=${folder}/keyring
mon data avail warn=1
mon data avail crit=0
mon max pg per osd=1000
mon warn on pool no redundancy=false
rgw frontends=beast endpoint=${gateway}
rgw enable usage log=false
rgw enable gc threads=false
rgw enable lc threads=false
[mon.a]
mon addr=127.0.0.1:${monitorPort}
[client.rgw]
rgw data=${folder}/rgw
`;
}
