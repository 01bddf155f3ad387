import type { AlertRule } from '#api';
import { BY } from '../../by-whom.ts';
import { call } from '../../client.ts';

/** What people do to a rule, on record. */
export type RuleAction = 'acknowledge' | 'mute' | 'unmute' | 'switch-off' | 'switch-on' | 'reset';

interface ActionTexts {
  readonly action: string;
  /** What holds afterwards. */
  readonly effect: string;
}

const TEXTS: Readonly<Record<RuleAction, ActionTexts>> = {
  acknowledge: {
    action: 'Acknowledge',
    effect: 'Others see that somebody looks after it, and nobody is reminded of it until it is resolved.',
  },
  mute: {
    action: 'Mute',
    effect: 'It is evaluated all the same, and nobody gets a notice of it until then. What is still true then is sent.',
  },
  unmute: { action: 'Unmute', effect: 'Its notices are sent again, at once if it fires.' },
  'switch-off': {
    action: 'Switch off',
    effect: 'It is not evaluated any more, so nobody learns of what it would find.',
  },
  'switch-on': { action: 'Switch on', effect: 'It is evaluated again. Try it first to see how often it would fire.' },
  reset: {
    action: 'Reset',
    effect:
      'What people changed of it is dropped: it is again as the contract and the settings make it. One that people added is removed.',
  },
};
export const textsOf = (action: RuleAction): ActionTexts => TEXTS[action];

/** The actions that make sense for a rule as it is. */
export function actionsFor(rule: AlertRule): readonly RuleAction[] {
  const { enabled, state, acknowledged, mute, changed } = rule;
  return [
    ...(enabled && state.name === 'firing' && acknowledged === null ? (['acknowledge'] as const) : []),
    ...(mute !== null ? (['unmute'] as const) : enabled ? (['mute'] as const) : []),
    enabled ? 'switch-off' : 'switch-on',
    ...(changed === null ? [] : (['reset'] as const)),
  ];
}

interface Recorded {
  readonly reason: string;
  readonly minutes: number;
}

/** Sends an action with its reason; `minutes` is how long a mute lasts. */
export function sendAction(action: RuleAction, rule: string, { reason, minutes }: Recorded): Promise<unknown> {
  const params = { rule };
  const body = { reason, by: BY };
  switch (action) {
    case 'acknowledge':
      return call('acknowledgeAlertRule', { params, body });
    case 'mute':
      return call('muteAlertRule', { params, body: { ...body, minutes } });
    case 'unmute':
      return call('unmuteAlertRule', { params, body });
    case 'switch-off':
      return call('changeAlertRule', { params, body: { ...body, enabled: false } });
    case 'switch-on':
      return call('changeAlertRule', { params, body: { ...body, enabled: true } });
    case 'reset':
      return call('resetAlertRule', { params, body });
    default:
      return action satisfies never;
  }
}
