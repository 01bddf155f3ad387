import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { maybePython, peerScript } from './python.ts';
import { serveCopy } from './serve-copy.ts';
import type { BenchOptions } from './suite.ts';

export interface Contestant {
  readonly name: string;
  readonly versions: string;
  readonly port: number;
  readonly pid: number;
}

export interface Served {
  /** Ours first. */
  readonly contestants: readonly Contestant[];
  /** Of the database that all of them store into. */
  readonly postmaster: number;
  stop(): Promise<void>;
}

const PEERS = ['serve-ordinary', 'serve-tuned'];
const LOOK_MS = 200;
/** What a project does on schedule would be counted as work of its server. */
const NO_SCHEDULES = { WEIR_SCHEDULES__INGEST: 'off', WEIR_SCHEDULES__PREDICT: 'off', WEIR_SCHEDULES__MONITOR: 'off' };
const BANNERS: Readonly<Record<string, string>> = {
  'serve-ordinary': 'FastAPI, scikit-learn, SQLAlchemy',
  'serve-tuned': 'FastAPI, numpy, asyncpg, tuned',
};

/** Starts Weir with a model, and unless it is alone the peers over its database, which they learn from too. */
export async function startServers(options: BenchOptions, { isAlone = false } = {}): Promise<Served> {
  const weir = await serveCopy('examples/titanic', options.folder, NO_SCHEDULES);
  const peers: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const peer of peers) peer.kill('SIGKILL');
    await weir.remove();
  };
  try {
    options.say('Weir trains its model');
    await untilReady(weir.url);
    const contestants: Contestant[] = [
      {
        name: 'Weir',
        versions: `Node ${process.version}`,
        port: Number(new URL(weir.url).port),
        pid: weir.process.pid ?? 0,
      },
    ];
    const python = isAlone ? undefined : await maybePython(options, 'requirements-serve.txt');
    for (const name of python === undefined ? [] : PEERS) {
      const peer = spawn(python ?? '', [peerScript(name), databaseUrlOf(weir.project)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      peers.push(peer);
      const [port, versions] = await readyLine(peer);
      contestants.push({ name: BANNERS[name] ?? name, versions, port, pid: peer.pid ?? 0 });
    }
    return { contestants, postmaster: postmasterOf(weir.project), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(new URL('/api/ready', url))).ok) await delay(LOOK_MS);
}

/** The server writes it, with an address that is a text. */
function databaseUrlOf(project: string): string {
  const { databaseUrl } = JSON.parse(readFileSync(path.join(project, '.weir', 'server.json'), 'utf8')) as {
    readonly databaseUrl: string;
  };
  return databaseUrl;
}

function postmasterOf(project: string): number {
  const file = path.join(project, '.weir', 'postgres', 'data', 'postmaster.pid');
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

/** `ready <port> <versions>` */
function readyLine(peer: ChildProcess): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    let output = '';
    peer.stdout?.on('data', (text: Buffer) => {
      output += text.toString();
      const found = /^ready (\d+) (.*)\n/m.exec(output);
      if (found !== null) resolve([Number(found[1]), found[2] ?? '']);
    });
    peer.once('exit', () => reject(new Error(`A peer ended before it was ready:\n${output}`)));
  });
}
