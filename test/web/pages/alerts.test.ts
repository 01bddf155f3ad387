import { describe, expect, it } from 'vitest';
import type { AlertRule, AlertRuleKind, AlertRuleTrial } from '#api';
import { channelLook, toRouteText, toTestSentence } from '../../../src/web/pages/alerts/channel-words.ts';
import { type NewRuleDraft, parseNewRule, toNewDraft, toRuleName } from '../../../src/web/pages/alerts/new-rule.ts';
import { actionsFor } from '../../../src/web/pages/alerts/rule-action.ts';
import { parseDraft, toDraft } from '../../../src/web/pages/alerts/rule-draft.ts';
import { sortRules, toConditionText, toRuleValueText, toStatesText } from '../../../src/web/pages/alerts/rule-words.ts';
import { toFiringText, toTrialOption, toTrialSentence, toTrialView } from '../../../src/web/pages/alerts/trial.ts';

const NOON = '2026-11-30T12:00:00.000Z';
const recorded = { at: NOON, by: 'ada', reason: 'known' };

const rule = (given: Partial<AlertRule> & { readonly in?: AlertRule['state']['name'] } = {}): AlertRule => {
  const { in: name = 'ok', ...fields } = given;
  return {
    ...{ name: 'bad-rows', title: 'Many rows are bad', description: '', kind: 'bad-rows', params: {}, threshold: 0.07 },
    ...{ unit: 'share', firesWhen: 'at-least', forMinutes: 5, severity: 'medium', noData: 'quiet', owner: '' },
    ...{ runbook: '', group: 'data', enabled: true, origin: 'default', changed: null, acknowledged: null, mute: null },
    ...{ untriable: null, state: { name, since: null, value: null, detail: null, measuredAt: null } },
    ...fields,
  };
};

describe('alert rules', () => {
  it('are in the order of what needs somebody, and counted by state', () => {
    const rules = [
      rule({ name: 'off', enabled: false, in: 'firing' }),
      rule({ name: 'fine' }),
      rule({ name: 'silent', in: 'no-data' }),
      rule({ name: 'taken', in: 'firing', severity: 'high', acknowledged: recorded }),
      rule({ name: 'small', in: 'firing', severity: 'low' }),
      rule({ name: 'great', in: 'firing', severity: 'high' }),
      rule({ name: 'soon', in: 'pending' }),
    ];
    expect(sortRules(rules).map(({ name }) => name)).toEqual([
      ...['great', 'small', 'taken', 'soon', 'silent', 'fine', 'off'],
    ]);
    expect(toStatesText(rules)).toBe('3 firing · 1 pending · 1 no data · 1 OK · 1 off');
  });

  it('write values and conditions in their unit', () => {
    expect(toRuleValueText(0.382, 'share')).toBe('38.2 %');
    expect(toRuleValueText(90, 'minutes')).toBe('1 h 30 min');
    expect(toRuleValueText(1, 'intervals')).toBe('1 interval');
    expect(toRuleValueText(null, 'count')).toBe('–');
    expect(toConditionText(rule())).toBe('at least 7 %, for 5 min');
    expect(toConditionText(rule({ firesWhen: 'below', unit: 'number', threshold: 0.7, forMinutes: 0 }))).toBe(
      'below 0.7',
    );
  });

  it('offer what can be done with them as they are', () => {
    expect(actionsFor(rule())).toEqual(['mute', 'switch-off']);
    expect(actionsFor(rule({ in: 'firing' }))).toEqual(['acknowledge', 'mute', 'switch-off']);
    const muted = { ...recorded, from: NOON, until: NOON };
    expect(actionsFor(rule({ in: 'firing', acknowledged: recorded, mute: muted }))).toEqual(['unmute', 'switch-off']);
    expect(actionsFor(rule({ enabled: false, changed: recorded }))).toEqual(['switch-on', 'reset']);
  });
});

describe('the form of a new rule', () => {
  const param = { min: null, max: null, unit: null, choices: [], names: null };
  const kind: AlertRuleKind = {
    ...{ kind: 'bad-rows', title: 'Many rows are bad', description: '', unit: 'share', firesWhen: 'at-least' },
    ...{ everyMinutes: 1, untriable: null, suggested: { threshold: 0.2, forMinutes: 5, severity: 'medium' } },
    params: [
      { ...param, name: 'rowsMin', description: '', type: 'integer', usual: 20, min: 1, max: 100 },
      { ...param, name: 'pipeline', description: '', type: 'text', usual: null, names: 'pipeline' },
    ],
  };
  const parse = (draft: Partial<NewRuleDraft>) =>
    parseNewRule({ ...toNewDraft(kind), ...draft }, { kind, taken: ['bad-rows'] });

  it('names it by its title, and sends what is usual beside what is typed', () => {
    const { name, fields, problems } = parse({ title: ' Zu viele schlechte Zeilen! ', params: { pipeline: 'ingest' } });
    expect([name, problems]).toEqual(['zu-viele-schlechte-zeilen', {}]);
    expect(fields).toEqual({
      ...{ kind: 'bad-rows', title: 'Zu viele schlechte Zeilen!', threshold: 0.2, forMinutes: 5, severity: 'medium' },
      ...{ owner: '', runbook: '', params: { pipeline: 'ingest' } },
    });
    expect(toRuleName('3 Größe: Åland')).toBe('gro-e-aland');
  });

  it('says what is wrong with each field', () => {
    expect(parse({ threshold: 'much', params: { rowsMin: '2.5' } }).problems).toEqual({
      ...{ title: 'Expected what people call it', threshold: 'Expected a number, got "much"' },
      'params.rowsMin': 'Expected a whole number from 1 to 100, got "2.5"',
      'params.pipeline': 'Expected the name of a pipeline',
    });
    expect(parse({ title: 'Bad rows' }).problems.name).toBe('There is a rule bad-rows already');
    expect(parse({ title: 'Bad rows', name: 'Bad Rows' }).problems.name).toContain('lower-case words');
    expect(parse({ params: { rowsMin: '101', pipeline: 'p' } }).problems).toHaveProperty('params.rowsMin');
  });
});

describe('the form of a rule', () => {
  const draft = toDraft(rule());

  it('writes shares in percent and changes nothing that was not touched', () => {
    expect(draft.threshold).toBe('7');
    expect(parseDraft(draft, rule())).toEqual({ fields: {}, problems: {} });
  });

  it('sends what was changed alone, in the unit of the rule', () => {
    const changed = { ...draft, threshold: '12,5', forMinutes: '0', severity: 'high', owner: ' data-team ' } as const;
    expect(parseDraft(changed, rule()).fields).toEqual({
      ...{ threshold: 0.125, forMinutes: 0, severity: 'high', owner: 'data-team' },
    });
    expect(parseDraft({ ...draft, owner: '' }, rule({ owner: 'ada' })).fields).toEqual({ owner: '' });
  });

  it('says at each field what is wrong', () => {
    expect(parseDraft({ ...draft, threshold: 'x', forMinutes: '-1', runbook: 'wiki' }, rule()).problems).toEqual({
      threshold: 'Expected a number, got "x"',
      forMinutes: 'Expected minutes, 0 or more, got "-1"',
      runbook: 'Expected an address that begins with https:// or nothing, got "wiki"',
    });
  });
});

describe('the trial of a rule', () => {
  const firing = {
    firedAt: NOON,
    resolvedAt: '2026-11-30T12:30:00.000Z',
    value: 0.3,
    peak: 0.4,
    detail: '4 of 10 rows',
  };
  const trial: AlertRuleTrial = {
    ...{ rule: 'bad-rows', from: '2026-11-30T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z', threshold: 0.25 },
    ...{ firings: [firing], transitions: [] },
    values: [
      { at: NOON, value: 0.3 },
      { at: '2026-11-30T13:00:00.000Z', value: null },
    ],
  };

  it('says how often it would have fired, and each time with its worst value', () => {
    expect(toTrialSentence(trial)).toBe('It would have fired 1 time in the last 24 hours.');
    expect(toTrialSentence({ ...trial, firings: [firing, { ...firing, resolvedAt: null }] })).toMatch(
      /2 times .*, and would be firing now/,
    );
    expect(toTrialSentence({ ...trial, firings: [] })).toContain('would not have fired');
    expect(toTrialSentence({ ...trial, firings: [], values: [{ at: NOON, value: null }] })).toContain('no data');
    expect(toFiringText(firing, rule())).toMatch(/^30 Nov 2026, \d\d:00:00, for 30 min, at worst 40 %: 4 of 10 rows$/);
  });

  it('is drawn beside the threshold it was tried with, with the times of firing marked', () => {
    const view = toTrialView(rule(), trial);
    expect(view.rows).toEqual([
      { time: NOON, value: 30 },
      { time: '2026-11-30T13:00:00.000Z', value: null },
    ]);
    expect(view.panel).toMatchObject({ unit: 'percent', thresholds: [{ from: 25, color: 'red' }] });
    const open = { ...trial, firings: [firing, { ...firing, resolvedAt: null }] };
    const { series } = toTrialOption(open)(view, { scheme: 'light', isNarrow: false });
    expect(series).toHaveLength(2);
    expect(series).toMatchObject([
      { type: 'line' },
      {
        markArea: {
          data: [
            [{ xAxis: NOON }, { xAxis: firing.resolvedAt }],
            [{ xAxis: NOON }, { xAxis: trial.to }],
          ],
        },
      },
    ]);
  });

  it('is good above the threshold of a rule that fires below it', () => {
    const { panel } = toTrialView({ title: 'Accuracy', unit: 'number', firesWhen: 'below' }, trial);
    expect(panel.thresholds).toEqual([{ from: 0.25, color: 'green' }]);
  });
});

describe('a channel', () => {
  it('says whether it works and which alerts it gets', () => {
    expect(channelLook({ state: 'closed', failures: 0 })).toEqual({ tone: 'green', word: 'Works' });
    expect(channelLook({ state: 'closed', failures: 2 })).toEqual({ tone: 'orange', word: 'Failed 2 times in a row' });
    expect(channelLook({ state: 'open', failures: 9 }).tone).toBe('red');
    expect(toRouteText({ criticality: 'low', kinds: [] })).toBe('All');
    expect(toRouteText({ criticality: 'high', kinds: ['data-quality'] })).toBe('High, of Data quality');
  });

  it('says what came of a test message, and what to do', () => {
    const sentence = (outcome: 'accepted' | 'refused' | 'unavailable', reason: string | null) =>
      toTestSentence({ channel: 'teams', outcome, reason, durationMs: 1 });
    expect(sentence('accepted', null)).toBe('teams accepted the test message. Look whether it arrived.');
    expect(sentence('refused', 'got 404')).toBe('teams refused the test message: got 404. Check its settings.');
    expect(sentence('unavailable', null)).toBe('teams could not be reached: no answer came.');
  });
});
