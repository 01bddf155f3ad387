import type { Channel, ChannelOptions } from './channel.ts';
import { type PostEffects, parseSecretUrl, postJson } from './post.ts';
import { toTeamsMessage } from './teams-card.ts';

/** Posts the alert as an Adaptive Card to a Teams workflow ("when a webhook request is received"). */
export function teamsChannel(
  { url, name = 'teams', ...route }: ChannelOptions & { readonly url: string },
  effects: Partial<PostEffects> = {},
): Channel {
  const address = parseSecretUrl(url, name);
  return {
    ...route,
    name,
    send: (alert, signal) => postJson({ url: address, body: toTeamsMessage(alert), signal }, effects),
  };
}
