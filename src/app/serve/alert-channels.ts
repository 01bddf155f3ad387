import { type Channel, mailChannel, pagerDutyChannel, slackChannel, teamsChannel, webhookChannel } from '#monitor';
import { hostsOf, outgoingFetch } from '#store';
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
  const privateHosts = hostsOf(config.alerts.privateHosts);
  return configuredChannels(config).map((channel) => ({ ...toChannel(channel, privateHosts), kind: channel.kind }));
}

/** Answers of channels are not read; this much may come before the connection is closed. */
const ANSWER_BYTES_MAX = 64 * 1024;

function toChannel(channel: NamedChannel, privateHosts: readonly string[]): Channel {
  const effects = { fetch: outgoingFetch({ privateHosts, answerBytesMax: ANSWER_BYTES_MAX }) };
  const route = toRoute(channel);
  switch (channel.kind) {
    case 'teams':
      return teamsChannel({ ...route, url: channel.url }, effects);
    case 'slack':
      return slackChannel({ ...route, url: channel.url }, effects);
    case 'webhook':
      return webhookChannel(
        { ...route, url: channel.url, ...(channel.secret === '' ? {} : { secret: channel.secret }) },
        effects,
      );
    case 'pagerduty':
      return pagerDutyChannel(
        { ...route, routingKey: channel.routingKey, url: PAGERDUTY_URLS[channel.region] },
        effects,
      );
    case 'mail': {
      const { host, port, security, user, password, from, to } = channel;
      return mailChannel({ ...route, host, port, security, user, password, from, to, privateHosts });
    }
    default:
      return channel satisfies never;
  }
}
