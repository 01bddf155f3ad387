import type { Alert } from '../alert.ts';

/** What became of one attempt. `accepted` is all a webhook can say; whether people saw it is not known. */
export type DeliveryOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number };

/** A way alerts go out. `refused` is final, `unavailable` is tried again; a reason never holds the address, which is a secret. */
export interface Channel {
  /** Under which deliveries are recorded: stable, unique among the configured channels. */
  readonly name: string;
  send(alert: Alert, signal: AbortSignal): Promise<DeliveryOutcome>;
}
