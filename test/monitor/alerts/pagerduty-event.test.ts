import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pagerDutyChannel } from '#monitor';
import { toPagerDutyEvent } from '../../../src/monitor/alerts/channels/pagerduty-event.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileAlerts } from './hostile-alerts.ts';
import { alertFor } from './results.ts';
import { pagerDutyFaults } from './teams-stub.ts';

const KEY = '0123456789abcdef0123456789abcdef';
const eventOf = (...[alert]: Parameters<typeof toPagerDutyEvent>[0][]) => JSON.parse(toPagerDutyEvent(alert!, KEY));

describe('an event of PagerDuty', () => {
  it('triggers an incident with its facts', async () => {
    const event = toPagerDutyEvent({ ...alertFor(), ruleName: 'bad-rows', group: 'data' }, KEY);
    expect(pagerDutyFaults(event)).toEqual([]);
    const pretty = `${JSON.stringify(JSON.parse(event), null, 2)}\n`;
    await expect(pretty).toMatchFileSnapshot('../../golden/monitor/pagerduty-event.json');
  });

  it('resolves the incident of the same key', () => {
    const firing = eventOf({ ...alertFor(), dedupeKey: 'r1/1', incidentKey: 'r1' });
    const resolved = eventOf({ ...alertFor(), dedupeKey: 'r1/2', incidentKey: 'r1', state: 'resolved' });
    expect([firing, resolved].map(({ event_action, dedup_key }) => [event_action, dedup_key])).toEqual([
      ['trigger', 'r1'],
      ['resolve', 'r1'],
    ]);
  });

  it.each([
    ['high', 'critical'],
    ['medium', 'warning'],
    ['low', 'info'],
  ] as const)('has for criticality %s the severity %s', (criticality, severity) => {
    expect(eventOf({ ...alertFor(), criticality }).payload.severity).toBe(severity);
  });

  it('is valid and small enough whatever the texts are', () => {
    fc.assert(
      fc.property(hostileAlerts, (alert) => {
        // A title is never empty: an alert without one is not raised.
        expect(pagerDutyFaults(toPagerDutyEvent({ ...alert, title: `T${alert.title}` }, KEY))).toEqual([]);
      }),
      { numRuns: propertyRuns(20), seed: 17 },
    );
  });

  it('gives two long keys two incidents', () => {
    const keys = ['a', 'b'].map((end) => eventOf({ ...alertFor(), dedupeKey: `${'x'.repeat(400)}${end}` }).dedup_key);
    expect(new Set(keys).size).toBe(2);
  });
});

describe('a channel of PagerDuty', () => {
  it('refuses a key that is none, and does not show it', () => {
    expect(() => pagerDutyChannel({ routingKey: 's3 cret' })).toThrow(/^Expected an integration key.*pagerduty/);
    expect(() => pagerDutyChannel({ routingKey: 's3 cret' })).not.toThrow(/s3 cret/);
  });
});
