import { pgBossTransport, type Transport, temporalTransport } from '#engine';
import type { Database } from '#store';
import { loadTemporalPackages } from '../test/temporal/temporal-packages.ts';

export interface TransportChoice {
  readonly database: Database;
  /** Address of a server of Temporal; empty for pg-boss. */
  readonly temporal: string;
}

const warn = (message: string, error: unknown): void => process.emitWarning(`${message}: ${String(error)}`);

/** What carries the attempts of the bench, for its scheduler and its workers. */
export function queueTransport({ database, temporal }: TransportChoice): Promise<Transport> {
  const runtime = 'bench';
  if (temporal === '') return pgBossTransport({ database, runtime, mayMigrate: true, warn });
  const server = { address: temporal, namespace: 'default', apiKey: '' };
  return temporalTransport({ ...server, runtime, warn }, loadTemporalPackages());
}
