import { z } from 'zod';
import { numberId } from './number-id.ts';
import { role } from './roles.ts';

const time = z.iso.datetime();

/** Fewest and most characters of a password; there are no rules of what they are. */
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;
export const USER_NAME_LENGTH_MAX = 100;

/** What people log in with and what is put on record. */
export const userName = z
  .string()
  .trim()
  .min(1)
  .max(USER_NAME_LENGTH_MAX)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'a name without control characters')
  .meta({ examples: ['ada@example.com'] });

/** The header that a request carries which changes something and is made with a session. */
export const CSRF_HEADER = 'x-csrf-token';
/** The page on which people log in; it says why a login at the identity provider came to no session. */
export const loginPath = (problem: LoginProblem): string => `/login?${new URLSearchParams({ problem })}`;
/** Where a browser goes to log in at the identity provider, and where the provider sends it back. */
export const OIDC_START_PATH = '/api/session/oidc';
export const OIDC_CALLBACK_PATH = '/api/session/oidc/callback';

/**
 * The page on which somebody sets a password with a one-time link. The token stands behind the #, so that it reaches
 * neither logs nor other sites; without a name, as at the first start, the page asks for one.
 */
export const setupPath = ({ token, name }: { readonly token: string; readonly name?: string }): string =>
  `/setup#${new URLSearchParams({ token, ...(name === undefined ? {} : { name }) })}`;

/** Why a login at the identity provider came to no session; the login page gets it as `?problem=`. */
export const loginProblem = z.enum([
  'oidc_absent',
  'oidc_unreachable',
  'oidc_expired',
  'oidc_denied',
  'oidc_invalid',
  'group_missing',
  'user_disabled',
]);

export const identity = z
  .object({
    kind: z.enum(['local', 'user', 'key']).meta({
      description: 'local: a program or page on the machine of Weir, where no login is required',
    }),
    id: z.string(),
    name: z.string().meta({ description: 'The name that is put on record for changes' }),
    role,
  })
  .meta({ id: 'Identity' });

/** Who asks, how they may log in, and what a page needs to send changes. */
export const sessionAnswer = z
  .object({
    identity: identity.nullable().meta({ description: 'Null for somebody who has not logged in' }),
    csrfToken: z
      .string()
      .nullable()
      .meta({
        description: `Goes into the header ${CSRF_HEADER} of requests that change something; null without a session`,
      }),
    session: z
      .object({
        id: numberId,
        endsAt: time.meta({ description: 'When the session ends at the latest' }),
        idleEndsAt: time.meta({ description: 'When it ends unless a request is made before' }),
        hasPassword: z.boolean().meta({ description: 'Whether the user has a password of this server' }),
      })
      .nullable(),
    login: z.object({
      isRequired: z.boolean(),
      hasPasswords: z.boolean().meta({ description: 'Whether users log in with name and password' }),
      oidc: z
        .object({
          title: z.string().meta({ description: 'What people call the identity provider' }),
          path: z.string().meta({ description: 'Where a browser goes to log in there; takes `?to=<path>`' }),
        })
        .nullable(),
    }),
  })
  .meta({ id: 'Session' });

const password = z.string().max(PASSWORD_LENGTH_MAX * 4);
/** A password that is to be set; its other conditions are checked with the user's name. */
const newPassword = password.meta({
  description: `${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters, of any kind; none of the commonest passwords`,
});

export const loginBody = z.strictObject({
  name: z.string().trim().min(1).max(USER_NAME_LENGTH_MAX),
  password,
});
/** Uses a one-time link: the token comes from it. */
export const setupBody = z.strictObject({
  token: z.string().min(1).max(200),
  name: userName.optional().meta({ description: 'Needed with the link of the first start only' }),
  password: newPassword,
});
export const passwordBody = z.strictObject({ presentPassword: password, nextPassword: newPassword });
export const logoutBody = z.strictObject({
  everywhere: z.boolean().default(false).meta({ description: 'Also ends all other sessions of the user' }),
});

export const ownSession = z
  .object({
    id: numberId,
    isPresent: z.boolean().meta({ description: 'Whether it is the session that asks' }),
    method: z.enum(['password', 'oidc', 'link']).meta({ description: 'How the user logged in' }),
    address: z.string().meta({ description: 'From where' }),
    browser: z.string().meta({ description: 'What the browser said it is' }),
    createdAt: time,
    seenAt: time.meta({ description: 'The last request, to the minute' }),
    endsAt: time,
  })
  .meta({ id: 'OwnSession' });
export const ownSessions = z.object({ items: z.array(ownSession) }).meta({ id: 'OwnSessions' });
export const ownSessionPath = z.object({ id: numberId });

/** The endpoints of sessions; `routes` has them with all others. */
export const sessionRoutes = {
  session: {
    method: 'GET',
    path: '/api/session',
    access: 'anyone',
    tag: 'access',
    summary: 'Who am I, how can I log in, and the token that changes need',
    holdsSecret: true,
    answer: sessionAnswer,
  },
  logIn: {
    method: 'POST',
    path: '/api/session',
    access: 'anyone',
    tag: 'access',
    summary: 'Log in with name and password; the answer sets the cookie of the session',
    body: loginBody,
    holdsSecret: true,
    answer: sessionAnswer,
  },
  setUp: {
    method: 'POST',
    path: '/api/session/setup',
    access: 'anyone',
    tag: 'access',
    summary: 'Set a password with the token of a one-time link, and log in',
    body: setupBody,
    holdsSecret: true,
    answer: sessionAnswer,
  },
  logOut: {
    method: 'POST',
    path: '/api/session/end',
    access: 'anyone',
    tag: 'access',
    summary: 'Log out here, or everywhere',
    body: logoutBody,
    holdsSecret: true,
    answer: sessionAnswer,
  },
  changePassword: {
    method: 'POST',
    path: '/api/session/password',
    access: 'viewer',
    tag: 'access',
    summary: 'Change your own password; your other sessions end',
    body: passwordBody,
    holdsSecret: true,
    answer: sessionAnswer,
  },
  ownSessions: {
    method: 'GET',
    path: '/api/sessions',
    access: 'viewer',
    tag: 'access',
    summary: 'Your own sessions, the newest first',
    answer: ownSessions,
  },
  endOwnSession: {
    method: 'POST',
    path: '/api/sessions/:id/end',
    access: 'viewer',
    tag: 'access',
    summary: 'End one of your own sessions',
    params: ownSessionPath,
    answer: ownSessions,
  },
} as const;

export type Identity = z.infer<typeof identity>;
export type SessionAnswer = z.infer<typeof sessionAnswer>;
export type OwnSession = z.infer<typeof ownSession>;
export type LoginProblem = z.infer<typeof loginProblem>;
