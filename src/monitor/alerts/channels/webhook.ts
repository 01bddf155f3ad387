import type { Alert } from '../alert.ts';
import type { Channel, ChannelOptions } from './channel.ts';
import { type PostEffects, parseSecretUrl, postJson } from './post.ts';
import { messageIdOf, parseSecret, signatureOf } from './signature.ts';

export interface WebhookOptions extends ChannelOptions {
  readonly url: string;
  /** Signs each request; without one, requests have no signature. */
  readonly secret?: string;
}

/**
 * Posts the alert as plain JSON, signed as the Standard Webhooks specification says. The receiver recognises repeats by
 * `webhook-id`, or by `dedupeKey` of the body.
 */
export function webhookChannel(
  { url, secret, name = 'webhook', ...route }: WebhookOptions,
  effects: Partial<PostEffects> = {},
): Channel {
  const { now = Date.now } = effects;
  const address = parseSecretUrl(url, name);
  const key = secret === undefined ? undefined : parseSecret(secret, name);
  const headersOf = ({ dedupeKey }: Alert, body: string): Readonly<Record<string, string>> => {
    const id = messageIdOf(dedupeKey);
    const timestampSeconds = Math.floor(now() / 1000);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      ...(key === undefined ? {} : { 'webhook-signature': signatureOf({ id, timestampSeconds, body }, key) }),
    };
  };
  return {
    ...route,
    name,
    send: (alert, signal) => {
      const body = JSON.stringify(alert);
      return postJson({ url: address, body, headers: headersOf(alert, body), signal }, effects);
    },
  };
}
