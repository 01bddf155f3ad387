import { assertMigrated, type Database, migrate } from '#store';
import type { Config } from '../project/config.ts';

/** Brings the schema up to date, or, where deployments do that, throws `migrations_pending` when it is not. */
export async function prepareSchema(database: Database, config: Config): Promise<void> {
  if (config.database.migrate === 'deploy') await assertMigrated(database);
  else await migrate(database);
}
