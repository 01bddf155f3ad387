import { describe, expect, it } from 'vitest';
import { type AlertRule, defaultRules, withFields } from '#monitor';
import { type NoticedRule, noticesOf } from '../../../src/monitor/rules/notices.ts';
import { initialState } from '../../../src/monitor/rules/state.ts';

const at = new Date('2026-03-01T10:00:00Z');
const rules = defaultRules({ hasModel: true, tolerance: 0.01, schedules: [] });
const link = 'https://weir.example.com/alerts';

/** A rule that was just evaluated; `told` is what people know of it then. */
function noticed(
  name: string,
  more: Partial<NoticedRule> & { readonly told?: 'firing' | null; rule?: AlertRule } = {},
) {
  const found =
    rules.find((rule) => rule.name === name) ?? withFields({ name, origin: 'people' }, { kind: 'bad-rows' });
  const { told = more.notice === 'recovered' ? null : 'firing', ...rest } = more;
  const state = { ...initialState(at), name: told === null ? ('resolved' as const) : ('firing' as const), told };
  return { rule: found, state, value: 1, detail: null, notice: 'firing' as const, ...rest };
}

describe('notices of alert rules', () => {
  it('list the rules of a group and a severity that fire together', () => {
    const alerts = noticesOf([noticed('bad-files'), noticed('missing-column'), noticed('bad-rows')], { at, link });
    expect(alerts.map(({ title, criticality }) => [title, criticality])).toEqual([
      ['Every file is bad, Files lack a required column', 'high'],
      ['Many rows are bad', 'medium'],
    ]);
    expect(alerts[0]).toMatchObject({ state: 'firing', group: 'data', incidentKey: 'alert-rules/data/high', link });
    expect(alerts[1]?.ruleName).toBe('bad-rows');
  });

  it('are resolved only when nothing of the group is left that people were told of', () => {
    const recovered = noticed('missing-column', { notice: 'recovered' });
    const [part] = noticesOf([recovered, noticed('bad-files', { notice: undefined })], { at, link });
    expect(part).toMatchObject({ state: 'firing', title: 'Recovered: Files lack a required column' });
    expect(part?.summary).toContain('Not over yet: Every file is bad');
    const [all] = noticesOf([recovered, noticed('bad-files', { notice: undefined, told: null })], { at, link });
    expect(all?.state).toBe('resolved');
  });

  it('say the value beside the threshold, who looks after it and what to do', () => {
    const [known] = rules.filter(({ name }) => name === 'bad-rows');
    if (known === undefined) throw new Error('bad-rows is a default rule');
    const rule = withFields(known, { owner: 'data-team', runbook: 'https://wiki.example.com/bad-rows' });
    const [alert] = noticesOf([noticed('bad-rows', { rule, value: 0.4211, detail: '42 of 100 rows' })], { at, link });
    expect(alert?.summary).toBe(
      '- Many rows are bad: 42.11 % (42 of 100 rows), since 2026-03-01T10:00:00.000Z; it fires from 20 %. What to do: https://wiki.example.com/bad-rows',
    );
    expect(alert?.facts).toContainEqual({ title: 'Owner', value: 'data-team' });
  });

  it('are none where nothing is new', () => {
    expect(noticesOf([noticed('bad-files', { notice: undefined })], { at, link })).toEqual([]);
  });
});
