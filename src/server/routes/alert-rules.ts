import type { FastifyInstance } from 'fastify';
import { type AlertRule as AlertRuleAnswer, type AlertRuleKind, routes } from '#api';
import {
  acknowledgeRule,
  changeRule,
  conditionOf,
  findRule,
  type ListedRule,
  listRuleKinds,
  listRules,
  listTransitions,
  muteRule,
  type RuleKind,
  resetRule,
  tryRule,
  unmuteRule,
  withFields,
} from '#monitor';
import { ServerError } from '../errors.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

const MINUTE_MS = 60_000;

export function registerAlertRules(app: FastifyInstance, context: RouteContext): void {
  const { database, alertRules: defined = [] } = context;
  fulfil(app, routes.alertRules, { handle: () => listAll(context) });
  fulfil(app, routes.alertRuleKinds, { handle: () => ({ items: listRuleKinds().map(toKind) }) });
  fulfil(app, routes.alertRuleHistory, {
    handle: async ({ params: { rule }, query }) => {
      await findRule(database, defined, rule);
      const { items, nextCursor } = await listTransitions(database, rule, query);
      return { items: items.map(({ rule: _, at, ...each }) => ({ ...each, at: at.toISOString() })), nextCursor };
    },
  });
  registerChanges(app, context);
  fulfil(app, routes.tryAlertRule, {
    handle: async ({ params: { rule: name }, body: fields }) => {
      const known = (await listRules(database, defined, new Date())).find(({ rule }) => rule.name === name);
      const rule = withFields(known?.rule ?? { name, origin: 'people' }, fields);
      const trial = await tryRule(database, rule, { model: context.project.name, at: new Date() });
      return {
        ...{ rule: name, threshold: rule.threshold, from: trial.from.toISOString(), to: trial.to.toISOString() },
        firings: trial.firings.map(({ firedAt, resolvedAt, ...firing }) => ({
          ...{ ...firing, firedAt: firedAt.toISOString(), resolvedAt: resolvedAt?.toISOString() ?? null },
        })),
        transitions: trial.transitions.map(({ at, ...each }) => ({ ...each, at: at.toISOString() })),
        values: trial.values.map(({ at, value }) => ({ at: at.toISOString(), value })),
      };
    },
  });
}

type Of = { readonly params: { readonly rule: string } };

/** What people change, on record. */
function registerChanges(app: FastifyInstance, context: RouteContext): void {
  const { alertRules: defined = [] } = context;
  // The state of a rule changes by itself too; what people changed of it is here.
  const state = async (database: RouteContext['database'], { params: { rule } }: Of): Promise<unknown> => {
    const found = (await listAll({ ...context, database })).items.find(({ name }) => name === rule);
    return found && { ...found, state: found.state.name };
  };
  fulfil(app, routes.changeAlertRule, {
    state,
    handle: async ({ database, params: { rule }, body: { by, reason, ...fields } }) => {
      await changeRule(database, defined, { rule, fields, by, reason });
      return showOne({ ...context, database }, rule);
    },
  });
  fulfil(app, routes.resetAlertRule, {
    state,
    handle: async ({ database, params: { rule }, body }) => {
      await findRule(database, defined, rule);
      await resetRule(database, { rule, ...body });
      return listAll({ ...context, database });
    },
  });
  fulfil(app, routes.acknowledgeAlertRule, {
    state,
    handle: async ({ database, params: { rule }, body }) => {
      await findRule(database, defined, rule);
      await acknowledgeRule(database, { rule, at: new Date(), ...body });
      return showOne({ ...context, database }, rule);
    },
  });
  fulfil(app, routes.muteAlertRule, {
    state,
    handle: async ({ database, params: { rule }, body: { from, minutes, by, reason } }) => {
      await findRule(database, defined, rule);
      const begins = from === undefined ? new Date() : new Date(from);
      const until = new Date(begins.getTime() + minutes * MINUTE_MS);
      await muteRule(database, { rule, from: begins, until, by, reason });
      return showOne({ ...context, database }, rule);
    },
  });
  fulfil(app, routes.unmuteAlertRule, {
    state,
    handle: async ({ database, params: { rule }, body }) => {
      await findRule(database, defined, rule);
      await unmuteRule(database, { rule, at: new Date(), ...body });
      return showOne({ ...context, database }, rule);
    },
  });
}

async function listAll({ database, alertRules: defined = [] }: RouteContext): Promise<{ items: AlertRuleAnswer[] }> {
  return { items: (await listRules(database, defined, new Date())).map(toAnswer) };
}

async function showOne(context: RouteContext, name: string): Promise<AlertRuleAnswer> {
  const found = (await listAll(context)).items.find((rule) => rule.name === name);
  if (found !== undefined) return found;
  throw new ServerError('alert_rule_unknown', `The alert rule ${name} was removed in the meantime.`);
}

function toAnswer({ rule, state, mute }: ListedRule): AlertRuleAnswer {
  const { unit, firesWhen, untriable, params, describe } = conditionOf(rule);
  const acknowledged = state?.acknowledged;
  return {
    ...rule,
    ...{ unit, firesWhen, params: { ...rule.params }, untriable: untriable ?? null },
    description: describe(params.parse(rule.params)),
    changed: rule.changed && { ...rule.changed, at: rule.changed.at.toISOString() },
    state: {
      ...{ name: state?.name ?? 'ok', value: state?.value ?? null, detail: state?.detail ?? null },
      ...{ since: state?.since.toISOString() ?? null, measuredAt: state?.measuredAt?.toISOString() ?? null },
    },
    acknowledged: acknowledged ? { ...acknowledged, at: acknowledged.at.toISOString() } : null,
    mute: mute === undefined ? null : { ...mute, from: mute.from.toISOString(), until: mute.until.toISOString() },
  };
}

function toKind({ suggested: { forMinutes = 0, ...suggested }, params, ...kind }: RuleKind): AlertRuleKind {
  return {
    ...kind,
    suggested: { ...suggested, forMinutes },
    params: params.map((param) => ({ ...param, choices: [...param.choices] })),
  };
}
