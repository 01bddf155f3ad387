import { type AlertRule, type AlertRuleTransition, alertRules, routes } from '#api';
import { at } from './made-up-times.ts';

const bySomebody = { by: 'ada', reason: 'the supplier is told' };

/** A rule in each state, and one that is switched off. */
export function makeAlertRules(nowMs: number): AlertRule[] {
  const state = (name: string, value: number | null, detail: string | null = null) => ({
    state: { name, since: at(nowMs, 42), value, detail, measuredAt: at(nowMs, 0, 20) },
  });
  const rule = (name: string, given: object) => ({
    ...{ name, title: name, description: 'What it measures.', kind: name, params: {}, threshold: 1, unit: 'count' },
    ...{ firesWhen: 'at-least', forMinutes: 0, severity: 'medium', noData: 'quiet', owner: '', runbook: '' },
    ...{ group: 'data', enabled: true, origin: 'default', changed: null, acknowledged: null, mute: null },
    ...{ untriable: null, ...state('ok', 0), ...given },
  });
  const items = [
    rule('missing-column', { title: 'Files lack a required column', severity: 'high', ...state('ok', 0) }),
    rule('bad-rows', {
      ...{ title: 'Many rows are bad', unit: 'share', threshold: 0.2, forMinutes: 5, owner: 'data-team' },
      ...{ runbook: 'https://wiki.example.com/bad-rows', ...state('firing', 0.382, '1,146 of 3,000 rows') },
      description: 'Share of the rows checked in the last 30 min that are bad or unreadable.',
    }),
    rule('bad-files', {
      ...{ title: 'Every file is bad', unit: 'share', severity: 'high', ...state('firing', 1, '4 of 4 files') },
      acknowledged: { at: at(nowMs, 12), ...bySomebody },
    }),
    rule('no-file', { title: 'No files arrive', unit: 'intervals', threshold: 5, ...state('pending', 5.4) }),
    rule('backlog', { title: 'The backlog of files rises', noData: 'notify', ...state('no-data', null) }),
    rule('performance', {
      ...{ title: 'The model is worse than its gate', unit: 'number', firesWhen: 'below', threshold: 0.7 },
      ...state('resolved', 0.74),
      mute: { from: at(nowMs, 60), until: at(nowMs, -180), ...bySomebody },
    }),
    rule('predictions-skipped', {
      ...{ title: 'Predictions are skipped', severity: 'low', unit: 'intervals', enabled: false, ...state('ok', null) },
      changed: { at: at(nowMs, 4000), by: 'ada', reason: 'nobody needs them at the weekend' },
    }),
    rule('disk-full', {
      ...{ title: 'A disk is nearly full', unit: 'share', threshold: 0.9, severity: 'high', ...state('ok', 0.61) },
      untriable: 'How full a disk was is not stored.',
    }),
    rule('train-failed', { title: 'Runs of train fail', group: 'runs', ...state('ok', 0) }),
    rule('train-late', { title: 'Runs of train are late', unit: 'minutes', threshold: 30, ...state('ok', 4) }),
  ];
  return alertRules.parse({ items }).items;
}

/** Two kinds: one of numbers, one of names. */
export function makeRuleKinds() {
  const param = { min: null, max: null, unit: null, choices: [], names: null };
  const kind = { firesWhen: 'at-least', everyMinutes: 1, untriable: null };
  return routes.alertRuleKinds.answer.parse({
    items: [
      {
        ...{ ...kind, kind: 'bad-rows', title: 'Many rows are bad', unit: 'share' },
        description: 'Share of the rows checked in the last 30 min that are bad or unreadable.',
        suggested: { threshold: 0.2, forMinutes: 5, severity: 'medium' },
        params: [
          {
            ...{ ...param, name: 'windowMinutes', description: 'How far back it looks', type: 'number', usual: 30 },
            ...{ min: 1, max: 129_600, unit: 'minutes' },
          },
          {
            ...{ ...param, name: 'rowsMin', description: 'With fewer rows there are no data', type: 'integer' },
            ...{ usual: 20, min: 1, max: 1_000_000 },
          },
        ],
      },
      {
        ...{ ...kind, kind: 'run-failed', title: 'Runs of a pipeline fail', unit: 'count' },
        description: 'Latest runs of the pipeline … that failed one after the other.',
        suggested: { threshold: 1, forMinutes: 0, severity: 'high' },
        params: [
          {
            ...{ ...param, name: 'pipeline', description: 'Whose runs are watched', type: 'text', usual: null },
            names: 'pipeline',
          },
        ],
      },
    ],
  });
}

/** Nothing has been evaluated yet. */
export function withoutStates(rules: readonly AlertRule[]): AlertRule[] {
  const state = { name: 'ok', since: null, value: null, detail: null, measuredAt: null };
  const items = rules.map((rule) => ({ ...rule, state, acknowledged: null, mute: null }));
  return alertRules.parse({ items }).items;
}

/** How the rule came to fire. */
export function makeHistory(nowMs: number, { threshold }: AlertRule): AlertRuleTransition[] {
  const transition = (id: number, given: object) => ({
    ...{ id: String(id), threshold, detail: null, alertId: null, value: threshold * 1.9, ...given },
  });
  const items = [
    transition(4, { at: at(nowMs, 42), from: 'pending', to: 'firing', detail: '1,146 of 3,000 rows', alertId: '7' }),
    transition(3, { at: at(nowMs, 47), from: 'ok', to: 'pending' }),
    transition(2, { at: at(nowMs, 900), from: 'resolved', to: 'ok', value: 0 }),
    transition(1, { at: at(nowMs, 960), from: 'firing', to: 'resolved', value: 0 }),
  ];
  return routes.alertRuleHistory.answer.parse({ items, nextCursor: null }).items;
}

const TRIAL_MINUTES = 24 * 60;

/** A rule over the last 24 hours: one hour beyond any threshold, and an hour without data. */
export function makeTrial(nowMs: number, { name, threshold }: Pick<AlertRule, 'name' | 'threshold'>) {
  const values = Array.from({ length: TRIAL_MINUTES / 5 + 1 }, (_, index) => {
    const minutes = TRIAL_MINUTES - index * 5;
    const isHigh = minutes <= 400 && minutes > 340;
    const isMissing = minutes <= 900 && minutes > 840;
    const value = isMissing ? null : threshold * (isHigh ? 1.8 : 0.4 + 0.3 * Math.sin(index / 9));
    return { at: at(nowMs, minutes), value };
  });
  return routes.tryAlertRule.answer.parse({
    ...{ rule: name, from: at(nowMs, TRIAL_MINUTES), to: at(nowMs, 0), threshold, values, transitions: [] },
    firings: [
      {
        ...{ firedAt: at(nowMs, 395), resolvedAt: at(nowMs, 335), value: threshold * 1.8, peak: threshold * 1.8 },
        detail: '54 of 150 rows',
      },
    ],
  });
}
