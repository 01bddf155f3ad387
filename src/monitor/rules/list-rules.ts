import type { Queryable } from '#store';
import { MonitorError } from '../errors.ts';
import { type EffectiveRule, effectiveRules } from './changes.ts';
import { type Mute, mutesAt } from './mutes.ts';
import type { AlertRule } from './rule.ts';
import { readStates, type StoredState } from './states.ts';

export interface ListedRule {
  readonly rule: EffectiveRule;
  /** Absent until it is first evaluated. */
  readonly state: StoredState | undefined;
  readonly mute: Mute | undefined;
}

/** The rules of the project with their states and mutes. */
export async function listRules(
  queryable: Queryable,
  defined: readonly AlertRule[],
  at: Date,
): Promise<readonly ListedRule[]> {
  const [rules, states, mutes] = await Promise.all([
    effectiveRules(queryable, defined),
    readStates(queryable),
    mutesAt(queryable, at),
  ]);
  return rules.map((rule) => ({ rule, state: states.get(rule.name), mute: mutes.get(rule.name) }));
}

/** A rule of the project by its name; throws when there is none. */
export async function findRule(
  queryable: Queryable,
  defined: readonly AlertRule[],
  name: string,
): Promise<EffectiveRule> {
  const rules = await effectiveRules(queryable, defined);
  const found = rules.find((rule) => rule.name === name);
  if (found !== undefined) return found;
  throw new MonitorError(
    'alert_rule_unknown',
    `Expected an alert rule (${rules.map((rule) => rule.name).join(', ') || 'there is none'}); got ${JSON.stringify(name)}.`,
  );
}
