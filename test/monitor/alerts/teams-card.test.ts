import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMarkdown, toTeamsMessage } from '../../../src/monitor/alerts/channels/teams-card.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { hostileAlerts } from './hostile-alerts.ts';
import { alertFor } from './results.ts';
import { teamsFaults } from './teams-stub.ts';

const bytesOf = (text: string): number => Buffer.byteLength(text);

describe('a Teams message', () => {
  it('is one Adaptive Card', async () => {
    const message = toTeamsMessage(alertFor());
    expect(teamsFaults(message)).toEqual([]);
    const pretty = `${JSON.stringify(JSON.parse(message), null, 2)}\n`;
    await expect(pretty).toMatchFileSnapshot('../../golden/monitor/teams-card.json');
  });

  it('shortens the summary to what fits, and no more', () => {
    const long = alertFor();
    const message = toTeamsMessage({ ...long, summary: 'ü'.repeat(20_000) });
    expect(teamsFaults(message)).toEqual([]);
    expect(bytesOf(message)).toBeGreaterThan(28_660);
    expect(message).toContain('… (shortened: the report has all of it)');
    expect(message).toContain(long.link);
  });

  it('stays whole just below the bound', () => {
    const rest = bytesOf(toTeamsMessage({ ...alertFor(), summary: 'x' })) - 1;
    const fits = toTeamsMessage({ ...alertFor(), summary: 'x'.repeat(28_671 - rest) });
    expect([bytesOf(fits), fits.includes('shortened')]).toEqual([28_671, false]);
    const tooLong = toTeamsMessage({ ...alertFor(), summary: 'x'.repeat(28_672 - rest) });
    expect([bytesOf(tooLong), tooLong.includes('shortened')]).toEqual([28_671, true]);
  });

  it('is valid and small enough whatever the texts are', () => {
    fc.assert(
      fc.property(hostileAlerts, (alert) => {
        expect(teamsFaults(toTeamsMessage(alert))).toEqual([]);
      }),
      { numRuns: propertyRuns(30), seed: 17 },
    );
  });

  it('says that a problem ended, in green', () => {
    const { attachments } = JSON.parse(toTeamsMessage({ ...alertFor(), state: 'resolved' }));
    expect(attachments[0].content.body[0]).toMatchObject({
      text: 'RESOLVED: Data problems in titanic_017.csv',
      color: 'Good',
    });
  });

  it('has no button when there is no link', () => {
    const { attachments } = JSON.parse(toTeamsMessage({ ...alertFor(), link: null }));
    expect(attachments[0].content.actions).toBeUndefined();
  });
});

describe('toMarkdown', () => {
  it.each([
    ['titanic_017.csv', 'titanic_017.csv'],
    ['_emphasis_ and *more*', '\\_emphasis\\_ and \\*more\\*'],
    ['[click](https://evil.example)', '[click\\](https://evil.example)'],
    ['age lies in [0, 100]', 'age lies in [0, 100]'],
    ['<at>everyone</at>', '\\<at>everyone\\</at>'],
    ['{{DATE(2026-03-01T10:00:00Z)}}', '{\\{DATE(2026-03-01T10:00:00Z)}}'],
    ['`code` ~~gone~~ back\\slash', '\\`code\\` \\~\\~gone\\~\\~ back\\\\slash'],
    ['[0]: https://evil.example', '\\[0]: https://evil.example'],
    ['# heading\n> quote\n1. one\n- a list', '\\# heading\n\\> quote\n1\\. one\n- a list'],
  ])('makes %j read as written', (text, expected) => {
    expect(toMarkdown(text)).toBe(expected);
  });
});
