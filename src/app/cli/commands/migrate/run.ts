import { migrate, pendingMigrations } from '#store';
import { withProject } from '../../../serve/open-project.ts';
import { prepareQueue } from '../../../serve/prepare-queue.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { thenOnRecord } from '../../on-record.ts';

export interface MigrateFlags extends ProjectFlags {
  readonly check?: boolean;
  readonly by?: string;
}

/** Applies the pending migrations, or lists them. */
export function migrateDatabase(options: InProject<MigrateFlags>): Promise<number> {
  const { check = false, by, json, print, show } = options;
  return withProject('database', options, async ({ database, config }) => {
    if (check) {
      const pending = await pendingMigrations(database);
      print(json ? `${JSON.stringify({ pending })}\n` : printable(`${listed('pending', pending)}\n`));
      return pending.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
    }
    const applied = await show('Bringing the schema up to date', async () => {
      const names = await migrate(database);
      const { executor, remote } = config.engine;
      if (executor === 'remote' && remote.transport === 'pg-boss') await prepareQueue(database);
      return names;
    });
    // Only now does the audit log exist for certain.
    await thenOnRecord(
      database,
      { action: 'weir migrate', by, toAfter: () => ({ applied }), isChange: () => applied.length > 0 },
      async () => applied,
    );
    print(json ? `${JSON.stringify({ applied })}\n` : printable(`${listed('applied', applied)}\n`));
    return EXIT_CODES.done;
  });
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return 'The schema is up to date';
  const count = names.length === 1 ? '1 migration' : `${names.length} migrations`;
  return `${count} ${what}\n${names.map((name) => `  ${name}`).join('\n')}`;
}
