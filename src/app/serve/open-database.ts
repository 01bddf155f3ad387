import type { Logger } from 'pino';
import { acquireOwnerLock, connect, isStoreError, startEmbeddedPostgres } from '#store';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import type { ProjectPaths } from '../project/paths.ts';
import type { ShowStep } from './progress.ts';
import { alreadyRunning, maybeRunning } from './server-file.ts';
import type { Unwinding } from './unwinding.ts';

export interface DatabaseStart {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly log: Logger;
  /** Collects how to end what was started. */
  readonly stack: Unwinding;
  /** Shows the progress of a step. */
  readonly show: ShowStep;
}

/**
 * URL of the database of a project that no other process has open: the one of the settings, or one that is started for
 * it.
 */
export async function openDatabase(start: DatabaseStart): Promise<string> {
  const { config, paths } = start;
  try {
    return await (config.database.url === '' ? startDatabase(start) : takeDatabase(start));
  } catch (error) {
    const running = isStoreError(error, 'state_folder_in_use') ? await maybeRunning(paths.state) : undefined;
    throw running === undefined ? error : alreadyRunning(paths.state, { running, cause: error });
  }
}

/** An embedded PostgreSQL, which owns the state folder. */
async function startDatabase({ paths, log, stack, show }: DatabaseStart): Promise<string> {
  const embedded = await show('Starting PostgreSQL', () =>
    startEmbeddedPostgres({ stateFolder: paths.state, log: (message) => log.info(message) }),
  );
  stack.push(() => embedded.stop());
  return embedded.url;
}

/** The database of the settings. It may be shared; the state folder is not. */
async function takeDatabase({ config, paths, stack }: DatabaseStart): Promise<string> {
  const lock = await acquireOwnerLock(paths.state);
  stack.push(() => lock.release());
  await assertReachable(config.database.url);
  return config.database.url;
}

/** Throws, without the password, when the database of the settings cannot be reached. */
async function assertReachable(url: string): Promise<void> {
  const database = connect({ url, poolSize: 1 });
  try {
    await database.query('select 1');
  } catch (cause) {
    const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '', pathname: '' };
    const where = host === '' ? 'of database.url' : `${pathname.slice(1)} at ${host}`;
    throw new UsageError(
      'database_unusable',
      `Could not use the database ${where} (${reasonOf(cause)}). Correct DATABASE_URL (postgres://<user>:<password>@<host>:<port>/<database>), or unset it for an embedded PostgreSQL.`,
      { cause },
    );
  } finally {
    await database.close();
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}
