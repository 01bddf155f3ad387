import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { S3Settings } from '#store';
import { type StartedProcess, spawnWeir } from '../test/e2e/weir-process.ts';
import { startTemporal, type TemporalServer } from '../test/temporal/temporal-server.ts';
import { type Host, onHost } from './hosts-network.ts';
import { type HostPostgres, maybeAsk } from './hosts-postgres.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
const PORT = 8080;
const SLOTS = 4;
const WAIT_MS_MAX = 120_000;
const POLL_MS = 100;
/** Heartbeats of workers come every two seconds. */
const HEARD_SECONDS_MAX = 5;

export type TransportName = 'pg-boss' | 'temporal';

/** A `weir serve` or `weir worker` on a host, which can be killed and started again. */
export interface Member {
  readonly host: Host;
  /** The present process. */
  readonly process: StartedProcess;
  start(): Promise<void>;
}

/** A project on hosts: a database, two servers of which one leads, and two workers. */
export interface World {
  readonly database: { readonly host: Host; readonly postgres: HostPostgres };
  /** Where that is the transport. */
  readonly temporal: TemporalServer | undefined;
  readonly servers: readonly Member[];
  readonly workers: readonly Member[];
  /** The file in which attempts say what they do. */
  readonly record: string;
  /** Rows of the state of Weir, and of the effects outside it; undefined while the database cannot be asked. */
  maybeState<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[] | undefined>;
  maybeEffects<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[] | undefined>;
  /** The server that leads, if any does. */
  maybeLeader(): Promise<Member | undefined>;
  /** Starts a run of so many effects by a server, and resolves with its id. */
  startRun(server: Member, params: object): Promise<string>;
  /** Waits until one server leads and both workers are heard of and have nothing to do. */
  untilQuiet(): Promise<unknown>;
  /** Kills and starts everything but the database. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly hosts: { readonly database: Host; readonly scheduler: Host; readonly worker: Host };
  readonly postgres: HostPostgres;
  readonly s3: S3Settings;
  readonly bucket: string;
  readonly transport: TransportName;
  readonly scratch: string;
}

/** Starts it: a server and a worker on each of two hosts, over the database of the first. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { hosts, postgres, transport, scratch } = options;
  const folder = path.join(scratch, transport);
  await mkdir(folder);
  const name = transport.replace('-', '_');
  for (const database of [name, `${name}_effects`])
    await maybeAsk(postgres.urlOf('postgres'), `create database ${database}`);
  const urls = { state: postgres.urlOf(name), effects: postgres.urlOf(`${name}_effects`) };
  await maybeAsk(urls.effects, 'create table effects (fault text not null, n int not null)');
  const temporal = transport === 'temporal' ? await startTemporalOn(hosts.database, folder) : undefined;
  const place = { ...options, folder, urls, address: temporal?.address };
  const members: Member[] = [];
  const add = async (host: Host, words: readonly string[]): Promise<Member> => {
    const member = await startMember(host, { ...place, words });
    members.push(member);
    return member;
  };
  const serve = ['serve', '--port', String(PORT)];
  const servers = [await add(hosts.scheduler, serve), await add(hosts.worker, serve)];
  const workers = [await add(hosts.scheduler, ['worker']), await add(hosts.worker, ['worker'])];
  const maybeState: World['maybeState'] = (sql, values) => maybeAsk(urls.state, sql, values);
  return {
    ...{ database: { host: hosts.database, postgres }, temporal, servers, workers, maybeState },
    record: path.join(folder, 'record.ndjson'),
    maybeEffects: (sql, values) => maybeAsk(urls.effects, sql, values),
    maybeLeader: async () => {
      const [leader] = (await maybeState<{ address: string }>(LEADER)) ?? [];
      return servers.find(({ host }) => host.address === leader?.address);
    },
    startRun,
    untilQuiet: () =>
      until('the workers are heard of and have nothing to do', async () => {
        const [found] = (await maybeState<{ ready: number }>(READY)) ?? [];
        const [leader] = (await maybeState(LEADER)) ?? [];
        return leader !== undefined && found?.ready === workers.length ? true : undefined;
      }),
    reset: async () => {
      for (const member of members) {
        await member.process.kill();
        await member.start();
      }
    },
    close: async () => {
      for (const member of members.reverse()) await member.process.kill();
      await temporal?.stop();
    },
  };
}

/** What it stores is in memory, and outlives it alone. */
async function startTemporalOn(host: Host, scratch: string): Promise<TemporalServer> {
  const folder = path.join(scratch, 'temporal');
  await mkdir(folder);
  await run('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  return startTemporal({ ip: host.address, prefix: onHost(host), file: path.join(folder, 'temporal.db') });
}

const LEADER = `
select host(client_addr) as address from pg_locks join pg_stat_activity using (pid)
where locktype = 'advisory' and granted and pg_locks.database = (select oid from pg_database where datname = current_database())
  and (classid::bigint << 32) | objid::bigint = hashtextextended('weir:leader', 0)`;

const READY = `
select count(*)::int as ready from weir.workers
where running = '[]' and seen_at > clock_timestamp() - interval '${HEARD_SECONDS_MAX} seconds'`;

interface MemberStart extends WorldOptions {
  readonly folder: string;
  readonly urls: { readonly state: string; readonly effects: string };
  /** Address of the server of Temporal, where that is the transport. */
  readonly address: string | undefined;
  readonly words: readonly string[];
}

async function startMember(host: Host, given: MemberStart): Promise<Member> {
  const { words, folder, urls, s3 } = given;
  const project = path.join(folder, `${host.name}-${words[0]}`);
  await cp(path.join(repository, 'test/fixtures/outposts'), project, { recursive: true });
  await symlink(path.join(repository, 'node_modules'), path.join(project, 'node_modules'));
  await mkdir(path.join(project, 'config'));
  await writeFile(path.join(project, 'config', 'base.yaml'), JSON.stringify(settingsOf(given)));
  const [program = '', ...before] = onHost(host);
  const start = (): StartedProcess =>
    spawnWeir({
      cwd: project,
      command: [program, ...before, process.execPath, path.join(repository, 'bin/weir.mjs'), ...words],
      env: {
        DATABASE_URL: urls.state,
        AWS_ACCESS_KEY_ID: s3.accessKeyId,
        AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      },
    });
  const untilReady = async (started: StartedProcess): Promise<void> => {
    let ended: unknown;
    void started.exited.then((code) => {
      ended = new Error(`weir ${words[0]} on ${host.name} ended with ${code}:\n${started.output()}`);
    });
    await until(`weir ${words[0]} on ${host.name} runs`, async () => {
      if (ended !== undefined) throw ended;
      return /Weir is running at|^Worker .* serves/m.test(started.output()) ? true : undefined;
    });
  };
  let started = start();
  await untilReady(started);
  return {
    host,
    get process() {
      return started;
    },
    start: async () => {
      started = start();
      await untilReady(started);
    },
  };
}

function settingsOf({ transport, address, bucket, s3, urls }: MemberStart): object {
  return {
    artifacts: `s3://${bucket}/${transport}`,
    s3: { endpoint: s3.endpoint },
    connections: { outside: { kind: 'postgres', url: urls.effects } },
    engine: {
      ...{ executor: 'remote', slots: SLOTS },
      remote: { transport, ...(address === undefined ? {} : { temporal: { address } }) },
    },
  };
}

const ASK = `const [url, body] = process.argv.slice(1);
const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
process.stdout.write(await answer.text());`;

/** A server listens on the loopback of its host alone. */
async function startRun({ host }: Member, params: object): Promise<string> {
  const url = `http://127.0.0.1:${PORT}/api/pipelines/effects/runs`;
  const [program = '', ...before] = onHost(host);
  const words = ['--input-type=module', '-e', ASK, url, JSON.stringify({ params })];
  const { stdout } = await run(program, [...before, process.execPath, ...words]);
  const id = /"(?:run)?id":"?(\d+)/i.exec(stdout)?.[1];
  if (id === undefined) throw new Error(`Expected the id of a run, got ${stdout}`);
  return id;
}

/** Asks again until the answer is there; fails long after it should have come. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, boundMs = WAIT_MS_MAX): Promise<T> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${boundMs / 1000} s in vain until ${what}.`);
    await delay(POLL_MS);
  }
}
