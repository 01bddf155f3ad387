import { type Channel, mailChannel, pagerDutyChannel, slackChannel, teamsChannel, webhookChannel } from '#monitor';
import type { Config } from '../project/config.ts';
import { configuredChannels, type NamedChannel, toRoute } from './alert-routes.ts';

const PAGERDUTY_URLS = {
  us: 'https://events.pagerduty.com/v2/enqueue',
  eu: 'https://events.eu.pagerduty.com/v2/enqueue',
} as const;

/** A channel that sends alerts, and what kind of channel it is. */
export type ConfiguredChannel = Channel & Pick<NamedChannel, 'kind'>;

/** The channels of the settings, which send alerts. */
export function alertChannels(config: Config): readonly ConfiguredChannel[] {
  return configuredChannels(config).map((channel) => ({ ...toChannel(channel), kind: channel.kind }));
}

function toChannel(channel: NamedChannel): Channel {
  const route = toRoute(channel);
  switch (channel.kind) {
    case 'teams':
      return teamsChannel({ ...route, url: channel.url });
    case 'slack':
      return slackChannel({ ...route, url: channel.url });
    case 'webhook':
      return webhookChannel({
        ...route,
        url: channel.url,
        ...(channel.secret === '' ? {} : { secret: channel.secret }),
      });
    case 'pagerduty':
      return pagerDutyChannel({ ...route, routingKey: channel.routingKey, url: PAGERDUTY_URLS[channel.region] });
    case 'mail': {
      const { host, port, security, user, password, from, to } = channel;
      return mailChannel({ ...route, host, port, security, user, password, from, to });
    }
    default:
      return channel satisfies never;
  }
}
