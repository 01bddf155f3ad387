import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { hasErrorCode } from '../../error-code.ts';
import { StoreError } from '../../errors.ts';
import { acquireOwnerLock, type OwnerLock } from '../../state-folder/owner-lock.ts';
import { makeStateFolder } from '../../state-folder/state-folder.ts';
import { installBinaries } from './binaries.ts';
import { type Cluster, prepareCluster, ROLE } from './cluster.ts';
import { giveTo } from './give-to.ts';
import { choosePlace, type Place, SERVER_ID } from './place.ts';
import { maybeAdopt, type Postmaster, type PostmasterOptions, startPostmaster, stopPostmaster } from './postmaster.ts';
import { Supervisor } from './supervisor.ts';
import { rememberPort, usualPort } from './usual-port.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of binaries, data, password and log, in `postgres/`. */
  readonly stateFolder: string;
  /** Called with messages about what happens. */
  readonly log: (message: string) => void;
  /** Further settings of the server, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For root: folder of the binaries, because the server's account cannot enter the state folder. */
  readonly sharedFolder?: string;
}

/** An embedded PostgreSQL, on the loopback address, that runs until it is stopped. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Ends the server and releases the state folder. */
  stop(): Promise<void>;
}

const DATABASE = 'weir';
const SHARED_FOLDER = '/var/lib/weir';
const DYING_MS = 5_000;

/**
 * Starts PostgreSQL over the state folder, creating what is missing. One process owns a state folder at a time;
 * a server that a killed owner left behind is adopted, and one that dies is started again on the same port.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    const state = await makeStateFolder(options.stateFolder);
    const lock = await acquireOwnerLock(state);
    try {
      return await startIn(await choosePlace(state, options.sharedFolder ?? SHARED_FOLDER), { options, lock });
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw error instanceof StoreError ? error : toEmbeddedError(error, options.stateFolder);
  }
}

async function startIn(
  place: Place,
  { options, lock }: { readonly options: EmbeddedPostgresOptions; readonly lock: OwnerLock },
): Promise<EmbeddedPostgres> {
  const binaries = await installBinaries(place.binariesFolder);
  const cluster = await prepareCluster(place, binaries);
  const postmasterOptions: PostmasterOptions = {
    binaries,
    dataFolder: cluster.dataFolder,
    account: place.account,
    logFile: path.join(place.folder, 'postgres.log'),
    settings: options.settings ?? {},
  };
  const first =
    (await maybeAdoptOpen(postmasterOptions, cluster)) ??
    (await startOpen(postmasterOptions, { cluster, usual: await usualPort(place.folder) }));
  await rememberPort(place.folder, first.port);
  options.log(
    `PostgreSQL ${first.isAdopted ? 'found running' : 'started'} on port ${first.port}, process ${first.pid}.`,
  );
  const supervisor = new Supervisor(first, {
    start: (port) => startPostmaster(postmasterOptions, { port }),
    stop: stopPostmaster,
    log: options.log,
  });
  const stop = async (): Promise<void> => {
    await supervisor.stop();
    await lock.release();
  };
  return { url: urlOf(cluster, { port: first.port, database: DATABASE }), stop };
}

async function startOpen(
  options: PostmasterOptions,
  { cluster, usual }: { readonly cluster: Cluster; readonly usual: number },
): Promise<Postmaster> {
  await giveTo(options.account, options.dataFolder);
  const started = await startPostmaster(options, { usual });
  try {
    await createDatabase(urlOf(cluster, { port: started.port, database: 'postgres' }));
    return started;
  } catch (error) {
    await stopPostmaster(started);
    throw error;
  }
}

async function maybeAdoptOpen(options: PostmasterOptions, cluster: Cluster): Promise<Postmaster | undefined> {
  const adopted = await maybeAdopt(options);
  if (adopted === undefined) return undefined;
  try {
    await createDatabase(urlOf(cluster, { port: adopted.port, database: 'postgres' }));
    return adopted;
  } catch (error) {
    // It may have been about to end when it was found, killed together with its owner.
    const isGone = await Promise.race([adopted.gone.then(() => true), delay(DYING_MS, false, { ref: false })]);
    if (isGone) return undefined;
    throw error;
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client(url);
  // If the server ends, the query fails.
  client.on('error', () => {});
  try {
    await client.connect();
    const found = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
    // The default starts with the schema named like the role, which is Weir's: tables created by users would be in it.
    await client.query(`alter database ${DATABASE} set search_path = public`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('postgres_unusable', `PostgreSQL started, but refuses the connection: ${reason}`, { cause });
  } finally {
    await client.end();
  }
}

function urlOf(
  { password }: Cluster,
  { port, database }: { readonly port: number; readonly database: string },
): string {
  return `postgres://${ROLE}:${password}@127.0.0.1:${port}/${database}`;
}

function toEmbeddedError(cause: unknown, stateFolder: string): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (hasErrorCode(cause, 'ENOSPC')) {
    return new StoreError('postgres_unusable', `The disk is full: PostgreSQL needs about 150 MB (${reason}).`, {
      cause,
    });
  }
  const isRefused = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].some((code) => hasErrorCode(cause, code));
  const hint = isRefused ? ' Give the folder to this user, or choose another state folder.' : maybeAccountHint(cause);
  return new StoreError(
    'postgres_unusable',
    `Expected to be able to keep PostgreSQL in the state folder ${stateFolder}, but: ${reason}.${hint}`,
    { cause },
  );
}

// A container may map few user ids.
function maybeAccountHint(cause: unknown): string {
  const isUnknownId = process.getuid?.() === 0 && hasErrorCode(cause, 'EINVAL');
  return isUnknownId
    ? ` As root Weir runs PostgreSQL as user ${SERVER_ID}, which this container does not have: start Weir as another user, or set DATABASE_URL.`
    : '';
}
