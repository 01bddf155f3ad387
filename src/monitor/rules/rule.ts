import type { Alert } from '../alerts/alert.ts';
import { MonitorError } from '../errors.ts';
import type { Condition } from './conditions/condition.ts';
import { conditions } from './conditions/conditions.ts';

export type RuleParams = Readonly<Record<string, number | string>>;
/** What a rule without data does: a state with a notice, a state without one, or as if nothing is wrong. */
export type NoData = 'notify' | 'quiet' | 'ok';

/** An alert rule: what is measured, from when that is wrong, and who looks after it. Data only. */
export interface AlertRule {
  /** Kebab-case and unique. */
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly params: RuleParams;
  readonly threshold: number;
  /** How long the condition must be met before the rule fires. */
  readonly forMinutes: number;
  readonly severity: Alert['criticality'];
  readonly noData: NoData;
  readonly owner: string;
  readonly runbook: string;
  /** Rules of a group that fire together are one notice. */
  readonly group: string;
  readonly enabled: boolean;
  readonly origin: 'default' | 'settings' | 'people';
}

type Fields = Omit<AlertRule, 'name' | 'origin'>;

/** What the settings or people say of a rule; what is absent stays as it is. */
export type RuleFields = { readonly [Field in keyof Fields]?: Fields[Field] | undefined };

const NEW: Omit<AlertRule, 'name' | 'kind' | 'origin'> = {
  ...{ title: '', params: {}, threshold: 1, forMinutes: 0, severity: 'medium', noData: 'quiet' },
  ...{ owner: '', runbook: '', group: 'own', enabled: true },
};

/** The condition of a rule. */
export function conditionOf({ kind }: Pick<AlertRule, 'kind'>): Condition {
  const condition = conditions.get(kind);
  if (condition !== undefined) return condition;
  throw new MonitorError(
    'alert_rule_invalid',
    `Expected a kind of alert rule (${[...conditions.keys()].join(', ')}); got ${JSON.stringify(kind)}.`,
  );
}

/** A rule with fields set differently; without a base it is a new one. Throws when they do not fit its kind. */
export function withFields(
  base: AlertRule | Pick<AlertRule, 'name' | 'origin'>,
  { kind, params, ...fields }: RuleFields,
): AlertRule {
  const known = 'kind' in base ? base : undefined;
  const { name } = base;
  if (known !== undefined && kind !== undefined && kind !== known.kind)
    throw invalid(name, `its kind is ${known.kind} and cannot become ${kind}; add a rule with another name`);
  const wanted = known?.kind ?? kind;
  if (wanted === undefined)
    throw new MonitorError(
      'alert_rule_unknown',
      `There is no alert rule ${JSON.stringify(name)}. To add it, give its kind: ${[...conditions.keys()].join(', ')}.`,
    );
  const condition = conditionOf({ kind: wanted });
  const parsed = condition.params.safeParse({ ...known?.params, ...params });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `params.${path.join('.')}: ${message}`);
    throw invalid(name, `${problems.join('; ')}. ${wanted} takes ${namesOf(condition)}`);
  }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  // The schemas of conditions hold numbers and texts only.
  const rule = { ...NEW, ...base, ...given, kind: wanted, params: parsed.data as RuleParams };
  return { ...rule, title: rule.title === '' ? name : rule.title };
}

const namesOf = ({ params }: Condition): string => Object.keys(params.shape).join(', ') || 'no params';

function invalid(name: string, problem: string): MonitorError {
  return new MonitorError('alert_rule_invalid', `The alert rule ${name} is invalid: ${problem}.`);
}

/** Whether a value means that something is wrong. */
export function isMet({ kind, threshold }: Pick<AlertRule, 'kind' | 'threshold'>, value: number): boolean {
  return conditionOf({ kind }).firesWhen === 'at-least' ? value >= threshold : value < threshold;
}
