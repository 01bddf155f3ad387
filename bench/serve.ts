import { randomUUID } from 'node:crypto';
import { residentBytes } from './contestant.ts';
import { jsonRequest, type Load, load } from './load.ts';
import { usedSecondsOf } from './processor-time.ts';
import { type Served, startServers } from './serve-contestants.ts';
import { rowOf } from './serve-rows.ts';
import { measureStream } from './serve-stream.ts';
import { measureTurns } from './serve-turns.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { duration, median, quantile, table, times } from './table.ts';

/** Predictions over HTTP that are stored before they are answered, beside FastAPI's with the same model and database. */
export const serveSuite: Suite = { name: 'serve', run };

const WARM_SECONDS = 2;
const SECONDS = 6;
const SOAK_SECONDS = 600;
const SOAK_SHARE = 0.8;
const SOAK_LOOKS = 10;
const ROWS = 1000;
const CLIENTS = 64;

interface Case {
  readonly what: string;
  readonly clients: number;
  readonly requests: (port: number) => (n: number) => Buffer;
  /** Whether only Weir has it, beside the same without. */
  readonly isOwn?: true;
}

const SINGLE = 4096;
const MANY = 8;

const single = (port: number) => inTurn(Array.from({ length: SINGLE }, (_, n) => jsonRequest(port, rowOf(n))));
const many = (port: number) =>
  inTurn(
    Array.from({ length: MANY }, (_, n) =>
      jsonRequest(
        port,
        Array.from({ length: ROWS }, (_, at) => rowOf(n + at)),
      ),
    ),
  );

function inTurn(requests: readonly Buffer[]): (n: number) => Buffer {
  return (n) => requests[n % requests.length] ?? Buffer.alloc(0);
}

const CASES: readonly Case[] = [
  { what: 'one row, one client', clients: 1, requests: single },
  { what: `one row, ${CLIENTS} clients`, clients: CLIENTS, requests: single },
  {
    what: `one row with an idempotency key, ${CLIENTS} clients`,
    clients: CLIENTS,
    requests: (port) => (n) => jsonRequest(port, rowOf(n), { 'idempotency-key': randomUUID() }),
    isOwn: true,
  },
  { what: `${ROWS} rows, one client`, clients: 1, requests: many },
  { what: `${ROWS} rows, 4 clients`, clients: 4, requests: many },
];

interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly processorSeconds: number;
  readonly databaseSeconds: number;
  readonly residentBytes: number;
}

async function* run(options: BenchOptions): AsyncGenerator<string> {
  const servers = await startServers(options);
  try {
    yield servers.contestants.map(({ name, versions }) => `- ${name}: ${versions}`).join('\n');
    for (const each of CASES) yield await compare(each, servers, options);
    yield await measureTurns(servers.contestants, { rowOf, say: options.say });
    if (options.large) yield await measureStream(servers, options);
    if (options.large) yield await soak(servers, options);
  } finally {
    await servers.stop();
  }
}

async function compare(each: Case, servers: Served, { rounds, say }: BenchOptions): Promise<string> {
  const taken = new Map<string, Figures[]>();
  const contestants = servers.contestants.filter((_, index) => each.isOwn === undefined || index === 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, port, pid } of contestants) {
      say(`${each.what}: ${name}`);
      const asked = { port, clients: each.clients, request: each.requests(port) };
      await load({ ...asked, seconds: WARM_SECONDS });
      const figures = await measure(() => load({ ...asked, seconds: SECONDS }), { pid, servers });
      taken.set(name, [...(taken.get(name) ?? []), figures]);
    }
  }
  const middle = (name: string, key: keyof Figures): number => median((taken.get(name) ?? []).map((of) => of[key]));
  const [ours = ''] = taken.keys();
  const rows = [...taken.keys()].map((name) => [
    name,
    middle(name, 'perSecond').toFixed(0),
    times(middle(ours, 'perSecond') / middle(name, 'perSecond')),
    duration(middle(name, 'p50')),
    duration(middle(name, 'p99')),
    duration(middle(name, 'processorSeconds')),
    duration(middle(name, 'databaseSeconds')),
    `${(middle(name, 'residentBytes') / 1e6).toFixed(0)} MB`,
  ]);
  const columns = [
    '',
    'requests/s',
    'Weir against it',
    'p50',
    'p99',
    'processor time of one',
    'of the database',
    'memory',
  ];
  return `### ${each.what}\n\n${table(columns, rows)}`;
}

interface Measuring {
  readonly pid: number;
  readonly servers: Served;
}

async function measure(work: () => Promise<Load>, { pid, servers }: Measuring): Promise<Figures> {
  const look = () => ({ own: usedSecondsOf(pid), database: usedSecondsOf(servers.postmaster) });
  // The database is a child of ours: its time and its memory are counted apart for everybody.
  const isParent = pid === servers.contestants[0]?.pid;
  const before = look();
  const { answered, seconds, latencySeconds } = await work();
  const after = look();
  const database = after.database - before.database;
  const own = after.own - before.own - (isParent ? database : 0);
  return {
    perSecond: answered / seconds,
    p50: quantile(latencySeconds, 0.5),
    p99: quantile(latencySeconds, 0.99),
    processorSeconds: own / answered,
    databaseSeconds: database / answered,
    residentBytes: residentBytes(pid) - (isParent ? residentBytes(servers.postmaster) : 0),
  };
}

/** Ten minutes at most of what Weir can do, after which its memory has to be what it was. */
async function soak(servers: Served, { say }: BenchOptions): Promise<string> {
  const [ours] = servers.contestants;
  if (ours === undefined) return '';
  const asked = { port: ours.port, clients: CLIENTS, request: single(ours.port) };
  const { answered, seconds } = await load({ ...asked, seconds: SECONDS });
  const rate = (SOAK_SHARE * answered) / seconds;
  const rows: string[][] = [];
  for (let look = 1; look <= SOAK_LOOKS; look += 1) {
    say(`soak, ${look} of ${SOAK_LOOKS}`);
    const one = await measure(() => load({ ...asked, rate, seconds: SOAK_SECONDS / SOAK_LOOKS }), {
      pid: ours.pid,
      servers,
    });
    rows.push([
      `${(look * SOAK_SECONDS) / SOAK_LOOKS} s`,
      one.perSecond.toFixed(0),
      duration(one.p99),
      `${(one.residentBytes / 1e6).toFixed(0)} MB`,
    ]);
  }
  return `### ${SOAK_SECONDS / 60} minutes at ${rate.toFixed(0)} requests a second\n\n${table(['after', 'requests/s', 'p99', 'memory'], rows)}`;
}
