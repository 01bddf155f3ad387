import { spawn } from 'node:child_process';
import { chown, open, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasErrorCode } from '../../error-code.ts';
import { StoreError } from '../../errors.ts';
import { identify, isSameRunning, maybeCommand } from '../../process-identity.ts';
import { ENVIRONMENT, nameForAccount, saysDiskFull, toProgramError } from './cluster.ts';
import { disownStalePidFile, maybePidFile, occupantOf } from './pid-file.ts';
import type { Account } from './place.ts';

/** A running server: a child of ours, or one that was adopted. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isAdopted: boolean;
  /** Resolves when the process has ended, for whatever reason. */
  readonly gone: Promise<void>;
}

export interface PostmasterOptions {
  readonly binaries: string;
  readonly dataFolder: string;
  readonly account: Account;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}

const POLL_MS = 10;
const ADOPTED_POLL_MS = 250;
const LOG_SIZE_MAX_BYTES = 10_000_000;
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 30_000;
const START_ATTEMPTS = 20;
const START_PAUSE_MS = 250;

/** The orphaned server of this data folder, once it is ready; undefined when there is none. */
export async function maybeAdopt({ dataFolder, binaries }: PostmasterOptions): Promise<Postmaster | undefined> {
  const end = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < end) {
    const file = await maybePidFile(dataFolder);
    if (file === undefined || Number.isNaN(file.pid)) return undefined;
    if ((await occupantOf(dataFolder, file)) !== 'postmaster') return undefined;
    if (file.status === 'ready') {
      const orphan: Postmaster = { pid: file.pid, port: file.port, isAdopted: true, gone: untilGone(file.pid) };
      if (await runsFrom(orphan.pid, binaries)) return orphan;
      await stopPostmaster(orphan);
      return undefined;
    }
    await delay(POLL_MS);
  }
  throw new StoreError(
    'postgres_unusable',
    `The PostgreSQL that already runs over ${dataFolder} does not become ready.`,
  );
}

/**
 * Starts the server and waits until it takes connections: on `port`; or else on the usual one, if that is free, and on
 * any free one if not.
 */
export async function startPostmaster(
  options: PostmasterOptions,
  { port, usual = 0 }: { readonly port?: number; readonly usual?: number } = {},
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    await disownStalePidFile(options.dataFolder);
    const free = attempt === 1 && usual !== 0 ? usual : await findFreePort();
    const outcome = await tryToStart(options, port ?? free);
    if (outcome.postmaster !== undefined) return outcome.postmaster;
    // Backends of a killed server need a moment to end; a free port may be taken before it is used.
    const isPassing = /pre-existing shared memory block|could not create any TCP\/IP sockets/.test(outcome.output);
    if (!isPassing || attempt === START_ATTEMPTS) throw toStartError(options, outcome.output);
    await delay(START_PAUSE_MS);
  }
}

/** Ends the server: clients are disconnected, committed data is on disk. Waits until the process has ended. */
export async function stopPostmaster({ pid, gone }: Postmaster): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    sendSignal(pid, signal);
    const timer = new AbortController();
    const timeout = delay(STOP_TIMEOUT_MS, 'timeout', { signal: timer.signal }).catch(() => 'timeout');
    const winner = await Promise.race([gone, timeout]);
    timer.abort();
    if (winner !== 'timeout') return;
  }
  throw new StoreError(
    'postgres_unusable',
    `Expected PostgreSQL (process ${pid}) to end, but it did not end even on SIGKILL.`,
  );
}

interface Outcome {
  readonly postmaster?: Postmaster;
  readonly output: string;
}

async function tryToStart(options: PostmasterOptions, port: number): Promise<Outcome> {
  const { binaries, dataFolder, account, logFile } = options;
  const log = await openLog(logFile, account);
  const from = (await log.stat()).size;
  const program = path.join(binaries, 'bin', 'postgres');
  const words = [
    '-D',
    nameForAccount(account, dataFolder),
    ...serverSettings(port, options.settings).flatMap((setting) => ['-c', setting]),
  ];
  // Detached, because Ctrl-C in a terminal goes to the whole group, and the server must outlive the queries that are
  // still being ended.
  const child = spawn(program, words, {
    ...account,
    cwd: dataFolder,
    env: ENVIRONMENT,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let failed: Error | undefined;
  let hasEnded = false;
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failed = error;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  gone.then(() => {
    hasEnded = true;
  });
  child.unref();
  try {
    const end = performance.now() + READY_TIMEOUT_MS;
    while (!hasEnded && performance.now() < end) {
      const file = await maybePidFile(dataFolder);
      if (file?.status === 'ready' && file.pid === child.pid) {
        return { postmaster: { pid: file.pid, port, isAdopted: false, gone }, output: '' };
      }
      await Promise.race([gone, delay(POLL_MS)]);
    }
    if (failed !== undefined) throw toProgramError(program, failed);
    if (!hasEnded) child.kill('SIGQUIT');
    return { output: await readFrom(log, from) };
  } finally {
    await log.close();
  }
}

function serverSettings(port: number, extra: Readonly<Record<string, string>>): readonly string[] {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A refused statement is logged by the caller; here it would only fill the disk.
    log_min_messages: 'log',
    // Weir's queries are short; compiling them costs more than it saves.
    jit: 'off',
    ...extra,
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

type Log = Awaited<ReturnType<typeof open>>;

async function openLog(file: string, account: Account): Promise<Log> {
  const size = await stat(file).then(
    (status) => status.size,
    () => 0,
  );
  if (size > LOG_SIZE_MAX_BYTES) await rename(file, `${file}.previous`);
  const log = await open(file, 'a+', 0o600);
  // When root starts a folder that a plain user created, that user must be able to start it again.
  if (account.uid !== undefined) await chown(file, account.uid, account.gid);
  return log;
}

async function readFrom(log: Log, position: number): Promise<string> {
  const length = (await log.stat()).size - position;
  const { buffer } = await log.read({ buffer: Buffer.alloc(length), position });
  return buffer.toString('utf8').trim();
}

function toStartError({ dataFolder, logFile }: PostmasterOptions, output: string): StoreError {
  const reason = saysDiskFull(output) ? 'the disk is full' : 'it ended at once';
  return new StoreError(
    'postgres_unusable',
    `Expected PostgreSQL to start over ${dataFolder}, but ${reason}. It said: ${output || 'nothing'} (${logFile})`,
  );
}

// An orphan of an older version of Weir would keep running old binaries.
async function runsFrom(pid: number, binaries: string): Promise<boolean> {
  return (await maybeCommand(pid))?.words[0]?.startsWith(binaries) ?? false;
}

async function untilGone(pid: number): Promise<void> {
  const identity = await identify(pid);
  while (await isSameRunning(identity)) await delay(ADOPTED_POLL_MS, undefined, { ref: false });
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasErrorCode(error, 'ESRCH')) throw error;
  }
}

async function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
