import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, toSlackMessage } from '../../../src/monitor/alerts/channels/slack-message.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileAlerts } from './hostile-alerts.ts';
import { alertFor } from './results.ts';
import { slackFaults } from './teams-stub.ts';

describe('a Slack message', () => {
  it('is header, facts, summary and a button with the link', async () => {
    const message = toSlackMessage(alertFor());
    expect(slackFaults(message)).toEqual([]);
    const pretty = `${JSON.stringify(JSON.parse(message), null, 2)}\n`;
    await expect(pretty).toMatchFileSnapshot('../../golden/monitor/slack-message.json');
  });

  it('is valid whatever the texts are', () => {
    fc.assert(
      fc.property(hostileAlerts, (alert) => {
        expect(slackFaults(toSlackMessage(alert))).toEqual([]);
      }),
      { numRuns: propertyRuns(20), seed: 17 },
    );
  });

  it('mentions nobody and links nowhere, whatever a cell says', () => {
    const message = toSlackMessage({ ...alertFor(), summary: '<!channel> <https://evil.example|click> :tada: *bold*' });
    expect(message).toContain('&lt;!channel&gt; &lt;https://evil.example|click&gt; :tada: *bold*');
    expect(message).not.toMatch(/"emoji":true|mrkdwn/);
  });

  it('shortens the summary and says so', () => {
    const message = JSON.parse(toSlackMessage({ ...alertFor(), summary: '&'.repeat(4000) }));
    const [text] = message.blocks.flatMap(
      (block: { text?: { text: string } }) => block.text?.text.match(/^&amp;.*/) ?? [],
    );
    expect(text).toMatch(/^(&amp;)+… \(shortened: the report has all of it\)$/);
    expect(text.length).toBeGreaterThan(2990);
  });

  it('says that a problem ended', () => {
    expect(JSON.parse(toSlackMessage({ ...alertFor(), state: 'resolved' })).text).toBe(
      'RESOLVED: Data problems in titanic_017.csv',
    );
  });
});

describe('escaped', () => {
  it.each([
    ['a&b<c>', 20, 'a&amp;b&lt;c&gt;'],
    ['aaaa&', 7, 'aaaa…'],
    ['aaaaaaa', 5, 'aaaa…'],
  ])('makes of %j at most %i characters', (text, lengthMax, expected) => {
    expect(escaped(text, lengthMax)).toBe(expected);
  });
});
