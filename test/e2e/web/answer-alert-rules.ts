import { type AlertRule, alertRule, routes } from '#api';
import { makeHistory, makeRuleKinds, makeTrial } from './made-up-alert-rules.ts';

/** What the API answers about alert rules; undefined for one that is not there. Changes last as long as the server. */
export function answerAlertRules(
  url: URL,
  { body, rules }: { readonly body: unknown; readonly rules: AlertRule[] },
): unknown {
  const [, , , name = '', action = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (name === '') return { items: rules };
  const index = rules.findIndex((each) => each.name === name);
  const rule = rules[index] ?? (body === undefined || name === 'nothing' ? undefined : newRule(name, body));
  if (rule === undefined) return undefined;
  const nowMs = Date.now();
  if (action === 'history') return { items: makeHistory(nowMs, rule), nextCursor: null };
  if (action === 'try') {
    const { threshold = rule.threshold } = routes.tryAlertRule.body.parse(body);
    return makeTrial(nowMs, { name, threshold });
  }
  const changed = alertRule.parse({ ...rule, ...changeOf(action, { body, nowMs }) });
  if (index === -1) rules.push(changed);
  else rules[index] = changed;
  return action === 'reset' ? { items: rules } : changed;
}

/** A rule of a kind that the body names, as it is before it is first evaluated. */
function newRule(name: string, body: unknown): AlertRule {
  const { kind, title = name } = routes.tryAlertRule.body.parse(toFields(body));
  const found = makeRuleKinds().items.find((each) => each.kind === kind);
  const state = { name: 'ok', since: null, value: null, detail: null, measuredAt: null };
  return alertRule.parse({
    ...{ ...found, ...found?.suggested, name, title, params: {}, noData: 'quiet', owner: '', runbook: '' },
    ...{ group: 'own', enabled: true, origin: 'people', changed: null, acknowledged: null, mute: null, state },
  });
}

/** What is set, without who sets it and why. */
function toFields(body: unknown): unknown {
  // Bodies of these routes are records.
  const { by: _by, reason: _reason, ...fields } = body as Readonly<Record<string, unknown>>;
  return fields;
}

function changeOf(action: string, { body, nowMs }: { readonly body: unknown; readonly nowMs: number }): object {
  const at = new Date(nowMs).toISOString();
  switch (action) {
    case 'acknowledge':
      return { acknowledged: { at, ...routes.acknowledgeAlertRule.body.parse(body) } };
    case 'mute': {
      const { minutes, from = at, ...recorded } = routes.muteAlertRule.body.parse(body);
      return { mute: { from, until: new Date(nowMs + minutes * 60_000).toISOString(), ...recorded } };
    }
    case 'unmute':
      return { mute: null };
    case 'reset':
      return { changed: null, enabled: true };
    default: {
      const { by, reason, ...fields } = routes.changeAlertRule.body.parse(body);
      return { ...fields, changed: { at, by, reason } };
    }
  }
}
