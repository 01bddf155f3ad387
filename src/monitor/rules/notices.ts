import type { Alert } from '../alerts/alert.ts';
import { type AlertRule, conditionOf } from './rule.ts';
import type { RuleNotice, RuleState } from './state.ts';

export const RULE_ALERT_KIND = 'alert-rule';

/** A rule after an evaluation, with what people are to be told of it. */
export interface NoticedRule {
  readonly rule: AlertRule;
  readonly state: RuleState;
  readonly value: number | null;
  readonly detail: string | null;
  readonly notice: RuleNotice | undefined;
}

export interface NoticeTexts {
  readonly at: Date;
  /** Absolute address of the page of alerts; null when there is none. */
  readonly link: string | null;
}

const HEADINGS: Readonly<Record<RuleNotice, string>> = {
  firing: '',
  'no-data': 'No data: ',
  reminder: 'Still firing: ',
  recovered: 'Recovered: ',
};
const ORDER: readonly RuleNotice[] = ['firing', 'no-data', 'reminder', 'recovered'];
const TITLE_RULES_MAX = 3;
const SUMMARY_RULES_MAX = 20;

/**
 * The notices of an evaluation: one for the rules of a group and a severity that have something new to say. Those of one
 * severity, because a channel that takes only some severities must get the end of every problem of which it got the
 * beginning.
 */
export function noticesOf(rules: readonly NoticedRule[], texts: NoticeTexts): readonly Alert[] {
  const incidents = new Map<string, NoticedRule[]>();
  for (const noticed of rules) {
    const key = incidentKeyOf(noticed.rule);
    incidents.set(key, [...(incidents.get(key) ?? []), noticed]);
  }
  return [...incidents].flatMap(([incidentKey, members]) => {
    const changed = members
      .filter(({ notice }) => notice !== undefined)
      .sort((one, other) => rank(one) - rank(other) || (one.rule.name < other.rule.name ? -1 : 1));
    const [first] = changed;
    if (first === undefined) return [];
    const open = members.filter(({ state, notice }) => notice === undefined && state.told !== null);
    const isResolved = open.length === 0 && changed.every(({ notice }) => notice === 'recovered');
    return [toAlert({ incidentKey, changed, open, isResolved, first: first.rule }, texts)];
  });
}

/** What the notices of one problem share. */
export const incidentKeyOf = ({ group, severity }: Pick<AlertRule, 'group' | 'severity'>): string =>
  `alert-rules/${group}/${severity}`;

const rank = ({ notice }: NoticedRule): number => (notice === undefined ? ORDER.length : ORDER.indexOf(notice));

interface Incident {
  readonly incidentKey: string;
  readonly first: AlertRule;
  /** With something new to say, worst first. */
  readonly changed: readonly NoticedRule[];
  /** Told of before, and not over. */
  readonly open: readonly NoticedRule[];
  readonly isResolved: boolean;
}

function toAlert({ incidentKey, first, changed, open, isResolved }: Incident, { at, link }: NoticeTexts): Alert {
  const lines = changed.slice(0, SUMMARY_RULES_MAX).map(lineOf);
  const left = changed.length - lines.length;
  const titles = open.map(({ rule }) => rule.title).join(', ');
  return {
    dedupeKey: `${incidentKey}/${at.toISOString()}`,
    ...{ incidentKey, kind: RULE_ALERT_KIND, criticality: first.severity, group: first.group, link },
    ...(changed.length === 1 ? { ruleName: first.name } : {}),
    state: isResolved ? 'resolved' : 'firing',
    title: titleOf(changed),
    summary: [
      ...lines,
      ...(left > 0 ? [`- and ${left} more on the page of alerts`] : []),
      ...(titles === '' ? [] : [`Not over yet: ${titles}`]),
    ].join('\n'),
    facts: [
      { title: 'Severity', value: first.severity },
      { title: 'Group', value: first.group },
      ...ownersOf(changed),
      { title: 'At', value: at.toISOString() },
    ],
  };
}

function titleOf(changed: readonly NoticedRule[]): string {
  return ORDER.flatMap((notice) => {
    const titles = changed.filter((each) => each.notice === notice).map(({ rule }) => rule.title);
    if (titles.length === 0) return [];
    const left = titles.length - TITLE_RULES_MAX;
    return [`${HEADINGS[notice]}${titles.slice(0, TITLE_RULES_MAX).join(', ')}${left > 0 ? ` and ${left} more` : ''}`];
  }).join('. ');
}

function lineOf({ rule, state, value, detail, notice }: NoticedRule): string {
  const { firesWhen } = conditionOf(rule);
  const bound = `${firesWhen === 'at-least' ? 'from' : 'below'} ${valueText(rule.threshold, rule)}`;
  const measured = value === null ? 'no data' : `${valueText(value, rule)}${detail === null ? '' : ` (${detail})`}`;
  const since = state.name === 'firing' || state.name === 'no-data' ? `, since ${state.since.toISOString()}` : '';
  const what = notice === 'recovered' ? (rule.enabled ? `over: ${measured}` : 'switched off') : `${measured}${since}`;
  const runbook = rule.runbook === '' ? '' : `. What to do: ${rule.runbook}`;
  return `- ${rule.title}: ${what}; it fires ${bound}${runbook}`;
}

function ownersOf(changed: readonly NoticedRule[]): Alert['facts'] {
  const owners = [...new Set(changed.map(({ rule }) => rule.owner).filter((owner) => owner !== ''))];
  return owners.length === 0 ? [] : [{ title: 'Owner', value: owners.join(', ') }];
}

/** A value as people read it. */
export function valueText(value: number, rule: Pick<AlertRule, 'kind'>): string {
  const short = String(Number(value.toPrecision(4)));
  const { unit } = conditionOf(rule);
  switch (unit) {
    case 'share':
      return `${Number((100 * value).toPrecision(4))} %`;
    case 'minutes':
      return `${short} min`;
    case 'intervals':
      return `${short} intervals`;
    case 'count':
    case 'number':
      return short;
    default:
      return unit satisfies never;
  }
}
