import type { Measured } from './conditions/condition.ts';
import { signalOf } from './measure.ts';
import { isMutedAt, type Mute } from './mutes.ts';
import type { NoticedRule } from './notices.ts';
import type { AlertRule } from './rule.ts';
import { initialState, nextState, noticeOf } from './state.ts';
import type { StoredState, Transition } from './states.ts';

/** What is known of a rule when it is evaluated. */
export interface RuleInput {
  readonly rule: AlertRule;
  readonly stored: StoredState | undefined;
  readonly mute: Mute | undefined;
  /** What it measures now; null when it was not measured, and the last value stands. */
  readonly measured: Measured | null;
  readonly at: Date;
}

export interface RuleStep extends NoticedRule {
  readonly after: StoredState;
  readonly transition: Omit<Transition, 'alertId'> | undefined;
}

/** Evaluates a rule. Pure. */
export function stepRule({ rule, stored, mute, measured: now, at }: RuleInput): RuleStep {
  const measured = now === null ? lastOf(stored) : now;
  const before = stored ?? initialState(at);
  const signal = rule.enabled ? signalOf(rule, measured) : 'off';
  const moved = nextState(before, signal, { at, forMinutes: rule.forMinutes });
  const acknowledged = moved.name === 'firing' ? (stored?.acknowledged ?? null) : null;
  const { state, notice } = noticeOf(moved, {
    ...{ at, isMuted: isMutedAt(mute, at), isAcknowledged: acknowledged !== null },
    tellsNoData: rule.noData === 'notify',
  });
  const [value, detail] = [measured?.value ?? null, measured?.detail ?? null];
  const measuredAt = now === null ? (stored?.measuredAt ?? null) : at;
  const { name, since, clearSince, hadData, told, toldAt } = state;
  return {
    ...{ rule, state, value, detail, notice },
    after: {
      ...{ rule: rule.name, name, since, clearSince, hadData, told, toldAt },
      ...{ value, detail, measuredAt, evaluatedAt: at, acknowledged },
    },
    transition:
      before.name === name
        ? undefined
        : { rule: rule.name, at, from: before.name, to: name, value, detail, threshold: rule.threshold },
  };
}

const lastOf = (stored: StoredState | undefined): Measured =>
  stored === undefined || stored.value === null ? undefined : { value: stored.value, detail: stored.detail };
