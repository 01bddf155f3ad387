import type { Database } from '#store';
import { MonitorError } from '../errors.ts';
import type { Measured } from './conditions/condition.ts';
import { measure, signalOf } from './measure.ts';
import { type AlertRule, conditionOf } from './rule.ts';
import { initialState, nextState, type RuleState, type RuleStateName } from './state.ts';

export interface TryOptions {
  /** The model of the project. */
  readonly model: string;
  /** The end of the time it is tried on. */
  readonly at: Date;
}

interface Firing {
  readonly firedAt: Date;
  readonly resolvedAt: Date | null;
  readonly value: number;
  /** The worst value while it fired. */
  readonly peak: number;
  readonly detail: string | null;
}

/** What a rule would have done. */
export interface RuleTrial {
  readonly from: Date;
  readonly to: Date;
  readonly firings: readonly Firing[];
  readonly transitions: readonly {
    readonly at: Date;
    readonly from: RuleStateName;
    readonly to: RuleStateName;
    readonly value: number | null;
  }[];
  readonly values: readonly { readonly at: Date; readonly value: number | null }[];
}

const HOURS = 24;
const MINUTE_MS = 60_000;

/** What a rule would have done over the last 24 hours, measured by the code that evaluates it. Changes nothing. */
export async function tryRule(database: Database, rule: AlertRule, { model, at: to }: TryOptions): Promise<RuleTrial> {
  const condition = conditionOf(rule);
  if (condition.untriable !== undefined)
    throw new MonitorError(
      'alert_rule_untriable',
      `The alert rule ${rule.name} cannot be tried. ${condition.untriable}`,
    );
  const from = new Date(to.getTime() - HOURS * 60 * MINUTE_MS);
  const stepMs = condition.everyMinutes * MINUTE_MS;
  const count = Math.floor((to.getTime() - from.getTime()) / stepMs);
  const moments = Array.from({ length: count + 1 }, (_, index) => new Date(to.getTime() - (count - index) * stepMs));
  const measured = await measure(database, rule, { moments, model });
  const steps = replay(rule, moments, measured);
  return {
    ...{ from, to },
    firings: firingsOf(rule, steps),
    transitions: steps.filter(isChange).map(({ at, from: before, to: after, value }) => ({
      ...{ at, from: before, to: after, value },
    })),
    values: steps.map(({ at, value }) => ({ at, value })),
  };
}

interface Step {
  readonly at: Date;
  readonly from: RuleStateName;
  readonly to: RuleStateName;
  readonly value: number | null;
  readonly detail: string | null;
}

const isChange = ({ from, to }: Step): boolean => from !== to;

function replay(rule: AlertRule, moments: readonly Date[], measured: readonly Measured[]): readonly Step[] {
  const [first] = moments;
  let state: RuleState = initialState(first ?? new Date(0));
  return moments.map((at, index) => {
    const found = measured[index];
    const { name: from } = state;
    state = nextState(state, signalOf(rule, found), { at, forMinutes: rule.forMinutes });
    return { at, from, to: state.name, value: found?.value ?? null, detail: found?.detail ?? null };
  });
}

function firingsOf(rule: AlertRule, steps: readonly Step[]): readonly Firing[] {
  const isBelow = conditionOf(rule).firesWhen === 'below';
  const firings: Firing[] = [];
  for (const { at, from, to, value, detail } of steps) {
    if (to === 'firing' && from !== 'firing')
      firings.push({ firedAt: at, resolvedAt: null, value: value ?? 0, peak: value ?? 0, detail });
    const last = firings.pop();
    if (last === undefined) continue;
    const isOpen = last.resolvedAt === null;
    const peak =
      value === null || !isOpen ? last.peak : isBelow ? Math.min(last.peak, value) : Math.max(last.peak, value);
    firings.push({ ...last, peak, resolvedAt: isOpen && from === 'firing' && to !== 'firing' ? at : last.resolvedAt });
  }
  return firings;
}
