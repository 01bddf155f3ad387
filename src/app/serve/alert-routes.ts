import type { AlertRoute } from '#monitor';
import type { Config } from '../project/config.ts';

type ChannelSettings = Config['alerts']['channels'][string];

/** A channel of the settings, under its name. */
export type NamedChannel = ChannelSettings & { readonly name: string };

/** The channels of the settings that have an address; those of `teamsUrl` and `webhookUrl` are called like their kind. */
export function configuredChannels({ alerts }: Config): readonly NamedChannel[] {
  const { teamsUrl, webhookUrl, channels } = alerts;
  const all = { criticality: 'low' as const, kinds: [] };
  const named: readonly NamedChannel[] = [
    { name: 'teams', kind: 'teams', url: teamsUrl, ...all },
    { name: 'webhook', kind: 'webhook', url: webhookUrl, secret: '', ...all },
    ...Object.entries(channels).map(([name, settings]) => ({ ...settings, name })),
  ];
  return named.filter(hasAddress);
}

/** Which channels there are, and which alerts each gets: all that a task needs to know of them. */
export function alertRoutes(config: Config): readonly AlertRoute[] {
  return configuredChannels(config).map(toRoute);
}

/** The route of a channel; without kinds it gets alerts of every kind. */
export function toRoute({ name, criticality, kinds }: NamedChannel): AlertRoute {
  return { name, criticality, ...(kinds.length === 0 ? {} : { kinds }) };
}

function hasAddress(channel: NamedChannel): boolean {
  switch (channel.kind) {
    case 'teams':
    case 'slack':
    case 'webhook':
      return channel.url !== '';
    case 'pagerduty':
      return channel.routingKey !== '';
    case 'mail':
      return channel.host !== '';
    default:
      return channel satisfies never;
  }
}
