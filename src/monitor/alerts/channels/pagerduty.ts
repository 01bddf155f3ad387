import { MonitorError } from '../../errors.ts';
import type { Channel, ChannelOptions } from './channel.ts';
import { toPagerDutyEvent } from './pagerduty-event.ts';
import { type PostEffects, parseSecretUrl, postJson } from './post.ts';

export interface PagerDutyOptions extends ChannelOptions {
  /** The integration key of a service; a secret. */
  readonly routingKey: string;
  /** The address of the Events API: that of the United States unless given. */
  readonly url?: string;
}

const EVENTS_URL = 'https://events.pagerduty.com/v2/enqueue';
const ROUTING_KEY = /^[\w+/=-]{8,64}$/;

/** Triggers an incident in PagerDuty, and resolves it when the problem ended. */
export function pagerDutyChannel(
  { routingKey, url = EVENTS_URL, name = 'pagerduty', ...route }: PagerDutyOptions,
  effects: Partial<PostEffects> = {},
): Channel {
  const address = parseSecretUrl(url, name);
  if (!ROUTING_KEY.test(routingKey)) {
    throw new MonitorError(
      'channel_invalid',
      `Expected an integration key of PagerDuty's Events API v2 for the channel ${name}: 8 to 64 letters and digits; got something else (not shown: it is a secret).`,
    );
  }
  return {
    ...route,
    name,
    keepsIncidents: true,
    send: (alert, signal) => postJson({ url: address, body: toPagerDutyEvent(alert, routingKey), signal }, effects),
  };
}
