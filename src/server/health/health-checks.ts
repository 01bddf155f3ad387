import type { HealthAnswer } from '#api';
import { championOf } from '#ml';
import { listAlerts, listDeadChannels } from '#monitor';
import type { ServerOptions } from '../options.ts';
import type { Predictor } from '../predictions/predictor.ts';

export type HealthCheck = HealthAnswer['checks'][string];

/** What the checks look at. */
export interface HealthContext
  extends Pick<ServerOptions, 'database' | 'project' | 'contract' | 'alertChannels' | 'disk'> {
  readonly predictor: Pick<Predictor, 'load'>;
  readonly isStopping: () => boolean;
}

/** How many of the newest alerts are checked for their deliveries. */
const ALERTS_LOOKED_AT = 20;
const BYTES_PER_MB = 1024 * 1024;

/** The checks of a server by name; each throws when what it looks at gives no answer. */
export const HEALTH_CHECKS = {
  database: checkDatabase,
  disk: checkDisk,
  champion: checkChampion,
  delivery: checkDelivery,
  process: checkProcess,
} as const satisfies Readonly<Record<string, (context: HealthContext) => Promise<HealthCheck>>>;

/** A standby, or a database that an administrator made read-only, answers questions and stores nothing. */
async function checkDatabase({ database }: HealthContext): Promise<HealthCheck> {
  const [row] = await database.query<{ standby: boolean; readonly: boolean }>(
    `select pg_is_in_recovery() as standby, current_setting('transaction_read_only')::boolean as readonly`,
  );
  if (row?.standby === true) return { ok: false, detail: 'It is a standby, which stores nothing.' };
  if (row?.readonly === true) return { ok: false, detail: 'It is read-only, so nothing can be stored.' };
  return { ok: true };
}

async function checkDisk({ disk }: HealthContext): Promise<HealthCheck> {
  if (disk === undefined) return { ok: true };
  const freeMb = Math.floor((await disk.freeBytes()) / BYTES_PER_MB);
  const detail = `${freeMb} MB free in the state folder`;
  const isEnough = freeMb >= disk.freeMinMb;
  return isEnough
    ? { ok: true, detail: `${detail}.` }
    : { ok: false, detail: `${detail}, of ${disk.freeMinMb} needed.` };
}

/** Loads it, so that a version whose files are missing or damaged is noticed before a client asks. */
async function checkChampion({ database, project, contract, predictor }: HealthContext): Promise<HealthCheck> {
  if (contract === undefined) return { ok: true, detail: 'This project has no model.' };
  const found = await championOf(database, project.name);
  if (found === undefined) return { ok: false, detail: 'No model version is champion yet; train one.' };
  await predictor.load?.(found.version);
  return { ok: true, detail: `${project.name}@${found.version}` };
}

async function checkDelivery({ database, alertChannels: channels = [] }: HealthContext): Promise<HealthCheck> {
  const dead = (await listDeadChannels(database)).map(({ channel }) => channel);
  // What is known of a channel stays when it is taken out of the settings.
  const names = dead.filter((channel) => channels.some(({ name }) => name === channel));
  if (names.length > 0) return { ok: false, detail: `No alert reaches ${names.join(', ')}; see Alerts.` };
  const { items } = await listAlerts(database, { limit: ALERTS_LOOKED_AT });
  const failed = items.filter(({ deliveries }) => deliveries.some(({ state }) => state === 'failed')).length;
  return failed === 0
    ? { ok: true }
    : { ok: false, detail: `${failed} of the newest ${items.length} alerts could not be delivered; see Alerts.` };
}

async function checkProcess({ isStopping }: HealthContext): Promise<HealthCheck> {
  return isStopping() ? { ok: false, detail: 'The server is stopping.' } : { ok: true };
}
