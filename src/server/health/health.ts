import type { Logger } from 'pino';
import type { HealthAnswer } from '#api';
import { withinTime } from '../within-time.ts';
import { HEALTH_CHECKS, type HealthCheck, type HealthContext } from './health-checks.ts';

/** How long one check may take; a database or a disk that hangs must not make the answer hang. */
const CHECK_MS_MAX = 3_000;

type Checks = Readonly<Record<keyof typeof HEALTH_CHECKS, HealthCheck>>;

/** Reads the health of a server; questions at the same time share one look. */
export function createHealth(context: HealthContext & { readonly logger: Logger }): () => Promise<HealthAnswer> {
  let looking: Promise<HealthAnswer> | undefined;
  return () => {
    looking ??= look(context).finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

async function look(context: HealthContext & { readonly logger: Logger }): Promise<HealthAnswer> {
  const looks = Object.entries(HEALTH_CHECKS).map(async ([name, check]) => {
    const startedAt = performance.now();
    const result = await withinTime(check(context), CHECK_MS_MAX).catch((error: unknown): HealthCheck => {
      context.logger.warn({ err: error, check: name }, 'health check failed');
      return { ok: false, detail: 'No answer; the log says why.' };
    });
    return [name, { ...result, durationMs: Math.round(performance.now() - startedAt) }] as const;
  });
  // The names are those of the checks.
  const checks = Object.fromEntries(await Promise.all(looks)) as Checks;
  return { status: statusOf(checks), checks };
}

/** Alerts that reach nobody need attention, and prevent no prediction. */
function statusOf({ process, database, disk, champion }: Checks): HealthAnswer['status'] {
  if (!process.ok) return 'stopping';
  if (!database.ok || !disk.ok) return 'failing';
  return champion.ok ? 'ok' : 'starting';
}
