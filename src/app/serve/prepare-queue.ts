import { pgBossTransport } from '#engine';
import type { Database } from '#store';

/** Makes the tables of the queue that workers read, or brings them up to date, as a step of a deployment. */
export async function prepareQueue(database: Database): Promise<void> {
  const warn = (message: string, error: unknown): void => process.emitWarning(`${message}: ${String(error)}`);
  const transport = await pgBossTransport({ database, runtime: 'none', mayMigrate: true, warn });
  await transport.close();
}
