import { type AlertRoute, type Channel, teamsChannel, webhookChannel } from '#monitor';
import type { Config } from '../project/config.ts';

/** Which channels there are, and which alerts each gets. It needs no address, so that processes of tasks know it too. */
export function alertRoutes({ alerts }: Config): readonly AlertRoute[] {
  return [
    ...(alerts.teamsUrl === '' ? [] : [{ name: 'teams' }]),
    ...(alerts.webhookUrl === '' ? [] : [{ name: 'webhook' }]),
  ];
}

/** The channels of the settings, which send alerts. */
export function alertChannels({ alerts }: Config): readonly Channel[] {
  return [
    ...(alerts.teamsUrl === '' ? [] : [teamsChannel({ url: alerts.teamsUrl })]),
    ...(alerts.webhookUrl === '' ? [] : [webhookChannel({ url: alerts.webhookUrl })]),
  ];
}
