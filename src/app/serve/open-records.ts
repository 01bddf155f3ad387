import { connect, type Database, migrate } from '#store';
import { type OpenedState, type OpenOptions, withState } from './open-state.ts';

/**
 * Opens the records of a project for one command, in the same way as a project but without its code: that may not build
 * just now, and neither a look at a run nor its end needs it.
 */
export function withRecords<T>(options: OpenOptions, work: (database: Database) => Promise<T>): Promise<T> {
  return withState(options, async (state) => {
    const database = connect({ url: state.running?.databaseUrl ?? (await startDatabase(state)) });
    state.stack.push(() => database.close());
    if (state.running === undefined) await migrate(database);
    return work(database);
  });
}

/** Loads what starts a database, which a Weir that runs has done already. */
async function startDatabase(state: OpenedState): Promise<string> {
  const [{ openDatabase }, { openLog }] = await Promise.all([
    import('./start-project.ts'),
    import('./log/open-log.ts'),
  ]);
  return openDatabase({ ...state, log: openLog(state.paths, state.config) });
}
