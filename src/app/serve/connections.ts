import { connect, type Database } from '#store';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';

/** Named connections of the configuration, opened on first use. */
export interface Connections {
  of(name: string): Database;
  close(): Promise<void>;
}

/**
 * A connection without an address is a separate one to the database of Weir's own state: names resolve by the role's
 * search path, not to the tables of Weir.
 */
export function connectionsOf(config: Config, ownUrl: string): Connections {
  const opened = new Map<string, Database>();
  return {
    of: (name) => {
      const setting = Object.hasOwn(config.connections, name) ? config.connections[name] : undefined;
      if (setting === undefined) {
        const known = Object.keys(config.connections).join(', ') || 'none';
        throw new UsageError(
          'config_invalid',
          `Expected a connection named ${name} under connections: in config/; known are: ${known}.`,
        );
      }
      const database = opened.get(name) ?? connect({ url: setting.url || ownUrl, names: 'role' });
      opened.set(name, database);
      return database;
    },
    close: async () => {
      for (const database of opened.values()) await database.close();
    },
  };
}
