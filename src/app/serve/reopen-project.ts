import type { Config, Environment } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import { loadConfig } from '../project/load-config.ts';
import { makeFolders } from '../project/make-folders.ts';
import { localFoldersOf, pathsOf } from '../project/paths.ts';
import { type OpenedEngine, startEngine } from './start-engine.ts';
import { joinProject, loadAll, prepareData } from './start-project.ts';
import { Unwinding } from './unwinding.ts';

export interface ReopenOptions {
  readonly environment: Environment;
  /** Port of the command, instead of the one in the settings. */
  readonly port: number | undefined;
}

/** Settings of what a load of the project shares with the one before; `isSecret` ones are not shown. */
const FIXED: readonly { readonly name: string; of(config: Config): unknown; readonly isSecret?: boolean }[] = [
  { name: 'server.host', of: ({ server }) => server.host },
  { name: 'server.port', of: ({ server }) => server.port },
  { name: 'server.drainSeconds', of: ({ server }) => server.drainSeconds },
  { name: 'server.graceSeconds', of: ({ server }) => server.graceSeconds },
  { name: 'server.url', of: ({ server }) => server.url },
  { name: 'server.hosts', of: ({ server }) => server.hosts.join(', ') },
  { name: 'server.trustProxy', of: ({ server }) => server.trustProxy.join(', ') },
  { name: 'server.tls', of: ({ server }) => JSON.stringify(server.tls) },
  { name: 'access.login', of: ({ access }) => access.login },
  { name: 'server.reload', of: ({ server }) => server.reload },
  { name: 'state.folder', of: ({ state }) => state.folder },
  { name: 'database.url', of: ({ database }) => database.url, isSecret: true },
  { name: 'log.level', of: ({ log }) => log.level },
];

/**
 * Loads the project on disk over the database of the one that runs, with an engine that has nothing to do yet. Returns
 * undefined when nothing has changed. Throws when it cannot be loaded; then nothing of it stays open.
 */
export async function reopenProject(
  current: OpenedEngine,
  { environment, port }: ReopenOptions,
): Promise<OpenedEngine | undefined> {
  const folder = current.paths.project;
  const config = await loadConfig(folder, environment, { port });
  assertFixed(current.config, config);
  const paths = pathsOf(folder, config);
  const loaded = await loadAll(paths);
  const isSame =
    loaded.module === current.projectModule &&
    loaded.code.index === current.code.index &&
    JSON.stringify(config) === JSON.stringify(current.config);
  if (isSame) return undefined;
  const own = new Unwinding();
  try {
    if (loaded.project.contract !== undefined) await makeFolders(localFoldersOf(paths));
    const { databaseUrl, isOwner } = current;
    const project = await joinProject({ ...current, config, paths, own }, { ...loaded, databaseUrl, isOwner });
    await prepareData(project.wiring);
    return await startEngine(project, { environment, isBesideOther: true });
  } catch (error) {
    await own.unwind();
    throw error;
  }
}

function assertFixed(before: Config, after: Config): void {
  const changed = FIXED.find(({ of }) => of(before) !== of(after));
  if (changed === undefined) return;
  const { name, of, isSecret = false } = changed;
  const values = isSecret ? 'has changed' : `was ${JSON.stringify(of(before))}, is ${JSON.stringify(of(after))}`;
  throw new UsageError(
    'config_invalid',
    `${name} in config/ ${values}: a running server keeps it. Start Weir again to use it, or set it back.`,
  );
}
