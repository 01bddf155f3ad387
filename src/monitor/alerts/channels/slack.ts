import type { Channel, ChannelOptions } from './channel.ts';
import { type PostEffects, parseSecretUrl, postJson } from './post.ts';
import { toSlackMessage } from './slack-message.ts';

/** Posts the alert to an incoming webhook of Slack. */
export function slackChannel(
  { url, name = 'slack', ...route }: ChannelOptions & { readonly url: string },
  effects: Partial<PostEffects> = {},
): Channel {
  const address = parseSecretUrl(url, name);
  return {
    ...route,
    name,
    send: (alert, signal) => postJson({ url: address, body: toSlackMessage(alert), signal }, effects),
  };
}
