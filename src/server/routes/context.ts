import type { ServerLogins } from '../access/logins-of.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Limits, ServerOptions } from '../options.ts';
import type { BodiesInFlight } from '../plugins/bodies-in-flight.ts';
import type { Predictor } from '../predictions/predictor.ts';

/** What routes may use. */
export interface RouteContext extends Omit<ServerOptions, 'limits' | 'predictor' | 'access'> {
  readonly access: ServerLogins;
  readonly limits: Limits;
  readonly predictor: Predictor;
  readonly metrics: Metrics;
  /** The bytes of requests that are in memory. */
  readonly bodies: BodiesInFlight;
  /** From the moment that the server is to stop. */
  readonly isStopping: () => boolean;
  /** Aborted when event streams are to end. */
  readonly streamsEnd: AbortSignal;
}
