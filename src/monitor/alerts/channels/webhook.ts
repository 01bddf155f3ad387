import type { Channel, ChannelOptions } from './channel.ts';
import { type PostEffects, parseSecretUrl, postJson } from './post.ts';

/** Posts the alert as plain JSON. The receiver recognises repeats by `dedupeKey`. */
export function webhookChannel(
  { url, name = 'webhook', ...route }: ChannelOptions & { readonly url: string },
  effects: Partial<PostEffects> = {},
): Channel {
  const address = parseSecretUrl(url, name);
  return {
    ...route,
    name,
    send: (alert, signal) => postJson({ url: address, body: JSON.stringify(alert), signal }, effects),
  };
}
