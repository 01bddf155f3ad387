import type { AlertRule, AlertRuleTransition } from '#api';
import { NOTHING, toCountText, toDurationText, toNumberText, toShareText } from '../../format.ts';
import type { Tone } from '../../tones.ts';

export type RuleStateName = AlertRuleTransition['to'];
type Look = { readonly tone: Tone; readonly word: string };

const MINUTE_MS = 60_000;

const LOOKS: Readonly<Record<RuleStateName, Look>> = {
  firing: { tone: 'red', word: 'Firing' },
  pending: { tone: 'orange', word: 'Pending' },
  'no-data': { tone: 'grey', word: 'No data' },
  resolved: { tone: 'teal', word: 'Resolved' },
  ok: { tone: 'green', word: 'OK' },
};

/** Colour and word of a state. */
export const stateLook = (name: RuleStateName): Look => LOOKS[name];

/** Colour and word of a rule: one that is switched off has no state. */
export function ruleLook({ enabled, state }: Pick<AlertRule, 'enabled' | 'state'>): Look {
  return enabled ? stateLook(state.name) : { tone: 'grey', word: 'Off' };
}

const STATES_BY_URGENCY: readonly RuleStateName[] = ['firing', 'pending', 'no-data', 'resolved', 'ok'];
const SEVERITIES: readonly AlertRule['severity'][] = ['high', 'medium', 'low'];

/** What needs somebody first: firing before the rest, and of those what nobody looks after yet, the most severe first. */
export function sortRules(rules: readonly AlertRule[]): readonly AlertRule[] {
  const ranks = (rule: AlertRule): readonly number[] => [
    rule.enabled ? STATES_BY_URGENCY.indexOf(rule.state.name) : STATES_BY_URGENCY.length,
    rule.acknowledged === null && rule.mute === null ? 0 : 1,
    SEVERITIES.indexOf(rule.severity),
  ];
  return rules.toSorted((a, b) => {
    const others = ranks(b);
    return (
      ranks(a).reduce((found, rank, index) => found || rank - (others[index] ?? 0), 0) || (a.name < b.name ? -1 : 1)
    );
  });
}

/** How many rules are in each state: `2 firing · 1 without data · 17 OK`. */
export function toStatesText(rules: readonly AlertRule[]): string {
  const words = new Map<string, number>();
  for (const rule of sortRules(rules)) {
    const { word } = ruleLook(rule);
    words.set(word, (words.get(word) ?? 0) + 1);
  }
  return [...words]
    .map(([word, count]) => `${toNumberText(count)} ${word === 'OK' ? word : word.toLowerCase()}`)
    .join(' · ');
}

/** A value that a rule measures, in its unit. */
export function toRuleValueText(value: number | null, unit: AlertRule['unit']): string {
  if (value === null) return NOTHING;
  switch (unit) {
    case 'share':
      return toShareText(value);
    case 'minutes':
      return toDurationText(value * MINUTE_MS);
    case 'intervals':
      return toCountText(value, 'interval');
    case 'count':
    case 'number':
      return toNumberText(value);
    default:
      return unit satisfies never;
  }
}

/** When a rule fires: `at least 20 %, for 5 min`. */
export function toConditionText({
  firesWhen,
  threshold,
  unit,
  forMinutes,
}: Pick<AlertRule, 'firesWhen' | 'threshold' | 'unit' | 'forMinutes'>): string {
  const from = `${firesWhen === 'below' ? 'below' : 'at least'} ${toRuleValueText(threshold, unit)}`;
  return forMinutes === 0 ? from : `${from}, for ${toDurationText(forMinutes * MINUTE_MS)}`;
}

const ORIGINS: Readonly<Record<AlertRule['origin'], string>> = {
  default: 'Weir, from the contract and the schedules',
  settings: 'the settings',
  people: 'somebody, at run time',
};
export const toOriginText = (origin: AlertRule['origin']): string => ORIGINS[origin];
