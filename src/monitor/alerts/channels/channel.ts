import type { Alert } from '../alert.ts';
import type { AlertRoute } from '../route.ts';

/** The result of one attempt. A webhook can only report `accepted`; whether people saw it is not known. */
export type DeliveryOutcome =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** The address or the credentials are not valid, so that no other alert would be accepted either. */
      readonly isChannelGone?: boolean;
    }
  | {
      readonly kind: 'unavailable';
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** It works, and asks for fewer requests. */
      readonly isThrottled?: boolean;
    };

/**
 * A channel that sends alerts. `refused` is final, `unavailable` is retried; a reason never holds the address, which is
 * a secret.
 */
export interface Channel extends AlertRoute {
  send(alert: Alert, signal: AbortSignal): Promise<DeliveryOutcome>;
  /** It keeps an incident open until an alert of the same `incidentKey` resolves it. */
  readonly keepsIncidents?: boolean;
}

/** What every channel is made of besides its address. */
export type ChannelOptions = Partial<AlertRoute>;
