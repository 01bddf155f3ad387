import type { Alert } from '../alert.ts';

/** The result of one attempt. A webhook can only report `accepted`; whether people saw it is not known. */
export type DeliveryOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number };

/**
 * A channel that sends alerts. `refused` is final, `unavailable` is retried; a reason never holds the address, which is
 * a secret.
 */
export interface Channel {
  /** Name in the record of deliveries: stable, unique among the configured channels. */
  readonly name: string;
  send(alert: Alert, signal: AbortSignal): Promise<DeliveryOutcome>;
}
