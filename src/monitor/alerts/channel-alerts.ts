import type { Alert } from './alert.ts';
import type { Circuit } from './circuit.ts';

/** The kind of the alerts about channels. */
export const DELIVERY_KIND = 'delivery';

/** The alert that a channel has stopped accepting alerts: the same for the same circuit, so that it is raised once. */
export function deadChannelAlert(channel: string, circuit: Circuit): Alert {
  const { failures, failingSince, lastError } = circuit;
  return {
    ...identityOf(channel, circuit),
    state: 'firing',
    title: `Alerts do not reach the channel ${channel}`,
    summary: [
      `${failures === 1 ? 'An attempt' : `${failures} attempts in a row`} to send an alert failed: ${lastError ?? 'no reason given'}.`,
      'Alerts for it wait and are sent when it accepts one again, within a day.',
      `Check its settings, then send a test message: weir alerts test ${channel}`,
    ].join('\n'),
    facts: [
      { title: 'Channel', value: channel },
      { title: 'Failing since', value: failingSince?.toISOString() ?? '' },
      { title: 'Last error', value: lastError ?? '' },
    ],
  };
}

/** The notice that it accepts alerts again. */
export function restoredChannelAlert(channel: string, circuit: Circuit): Alert {
  const identity = identityOf(channel, circuit);
  return {
    ...identity,
    dedupeKey: `${identity.dedupeKey}/resolved`,
    state: 'resolved',
    title: `The channel ${channel} accepts alerts again`,
    summary: 'Alerts that waited for it are being sent.',
    facts: [
      { title: 'Channel', value: channel },
      { title: 'Not working since', value: circuit.openedAt?.toISOString() ?? '' },
    ],
  };
}

function identityOf(channel: string, { openedAt }: Circuit) {
  const key = `delivery/${channel}/${openedAt?.toISOString() ?? ''}`;
  return { dedupeKey: key, incidentKey: key, kind: DELIVERY_KIND, criticality: 'high', link: null } as const;
}
