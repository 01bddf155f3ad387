import type { User } from '#api';

/** What an admin does to a user, besides creating one. */
export type UserAction = 'role' | 'reset' | 'end-sessions' | 'disable' | 'enable';

interface ActionTexts {
  /** What the menu and the button say. */
  readonly action: string;
  readonly title: (name: string) => string;
  readonly effect: string;
}

const TEXTS: Readonly<Record<UserAction, ActionTexts>> = {
  role: {
    action: 'Change the role',
    title: (name) => `Change the role of ${name}`,
    effect: 'Their sessions end, and they log in again with the new role.',
  },
  reset: {
    action: 'Reset the password',
    title: (name) => `Reset the password of ${name}`,
    effect: 'The password and all sessions end. You get a one-time link to hand over, with which they choose another.',
  },
  'end-sessions': {
    action: 'End all sessions',
    title: (name) => `End all sessions of ${name}`,
    effect: 'They are logged out everywhere, and can log in again.',
  },
  disable: {
    action: 'Disable',
    title: (name) => `Disable ${name}`,
    effect:
      'Their sessions end at once, and they cannot log in until they are enabled again. What they changed stays on record.',
  },
  enable: {
    action: 'Enable',
    title: (name) => `Enable ${name}`,
    effect: 'They can log in again, with the role that they had.',
  },
};

export const textsOfAction = (action: UserAction): ActionTexts => TEXTS[action];

/** What can be done to a user, by their state and by where they log in. */
export function actionsOf({ state, origin, sessions }: Pick<User, 'state' | 'origin' | 'sessions'>): UserAction[] {
  if (state === 'disabled') return ['enable'];
  // The identity provider gives the role and keeps the password of those who log in there.
  const own: UserAction[] = origin === 'password' ? ['role', 'reset'] : [];
  return [...own, ...(sessions > 0 ? (['end-sessions'] as const) : []), 'disable'];
}
