import type { Alert } from '../alert.ts';
import { clipped, SHORTENED, wellFormed } from './alert-text.ts';
import { hashedKey } from './hashed-key.ts';

// PagerDuty refuses an event of more than 512 KB; the lengths below stay far from it, which a test proves.
const SUMMARY_LENGTH_MAX = 1024;
const DEDUP_KEY_LENGTH_MAX = 255;
const DETAIL_LENGTH_MAX = 20_000;
const FACTS_MAX = 50;
const FACT_LENGTH_MAX = 1000;
const LINK_LENGTH_MAX = 2000;
const SEVERITIES: Readonly<Record<Alert['criticality'], string>> = { high: 'critical', medium: 'warning', low: 'info' };

/** An event of PagerDuty's Events API v2: it triggers an incident, or resolves the one of the same key. Pure. */
export function toPagerDutyEvent(alert: Alert, routingKey: string): string {
  const { state = 'firing', dedupeKey, incidentKey = dedupeKey, link } = alert;
  const hasLink = link !== null && link.length <= LINK_LENGTH_MAX;
  return JSON.stringify({
    routing_key: routingKey,
    event_action: state === 'resolved' ? 'resolve' : 'trigger',
    dedup_key: dedupKeyOf(incidentKey),
    client: 'Weir',
    ...(hasLink ? { client_url: link, links: [{ href: link, text: 'Open report' }] } : {}),
    payload: payloadOf(alert),
  });
}

function payloadOf({ criticality, kind, title, summary, facts, link, ruleName, group }: Alert) {
  const details = facts
    .slice(0, FACTS_MAX)
    .map(({ title: name, value }) => [
      clipped(wellFormed(name), FACT_LENGTH_MAX),
      clipped(wellFormed(value), FACT_LENGTH_MAX),
    ]);
  return {
    summary: clipped(wellFormed(title).replaceAll('\n', ' '), SUMMARY_LENGTH_MAX),
    source: link !== null && URL.canParse(link) ? new URL(link).host : 'weir',
    severity: SEVERITIES[criticality],
    class: kind,
    ...(ruleName === undefined ? {} : { component: ruleName }),
    ...(group === undefined ? {} : { group }),
    custom_details: {
      summary: clipped(wellFormed(summary), DETAIL_LENGTH_MAX, SHORTENED),
      ...Object.fromEntries(details),
    },
  };
}

const dedupKeyOf = (key: string): string => (key.length <= DEDUP_KEY_LENGTH_MAX ? wellFormed(key) : hashedKey(key));
