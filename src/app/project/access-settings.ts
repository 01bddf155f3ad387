import { z } from 'zod';
import { role } from '#api';

const HOURS_MAX = 720;
const IDLE_MINUTES_MIN = 5;
const IDLE_MINUTES_MAX = 10_080;
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/;

const isIssuer = (text: string): boolean =>
  text === '' || (URL.canParse(text) && (text.startsWith('https://') || LOOPBACK.test(text)));

const oidc = z.strictObject({
  title: z
    .string()
    .min(1)
    .max(60)
    .default('Single sign-on')
    .meta({
      description: 'What the login page calls the identity provider.',
      examples: ['Example Ltd'],
    }),
  issuer: z
    .string()
    .default('')
    .refine(isIssuer, 'expected an address that begins with https://')
    .meta({
      description: 'Address of the identity provider (OpenID Connect), where people can log in; empty for none.',
      examples: ['https://login.example.com/realms/example'],
    }),
  clientId: z
    .string()
    .default('')
    .meta({ description: 'What the provider calls this Weir; needed with `issuer`.', examples: ['weir'] }),
  clientSecret: z
    .string()
    .default('')
    .meta({
      description: 'The secret that the provider gave for it; better a variable than a file.',
      examples: ['…'],
    }),
  scopes: z
    .string()
    .regex(/^openid( |$)/, 'expected scopes that begin with openid')
    .default('openid profile email')
    .meta({ description: 'What Weir asks the provider for; some give groups for a scope of their own only.' }),
  groupsClaim: z.string().min(1).default('groups').meta({ description: 'The claim that has the groups of a user.' }),
  groups: z
    .record(z.string().min(1), role.meta({ description: 'The role of its members.', examples: ['operator'] }))
    .default({})
    .meta({
      description:
        'Which group has which role; of several groups the role that may do most. It is read again at each login, and who is in none cannot log in.',
      keyName: 'group',
    }),
});

/** Who may use Weir over a network. */
export const accessSettings = z.strictObject({
  login: z.enum(['auto', 'required', 'off']).default('auto').meta({
    description:
      'Whether requests need a login or an API key: `auto` when other machines can reach Weir by `server.host`, `server.url`, `server.hosts` or a proxy; `off` is refused then.',
  }),
  sessionHours: z.number().gt(0).max(HOURS_MAX).default(12).meta({
    description: 'When a session ends at the latest, after the login.',
    unit: 'hours',
  }),
  idleMinutes: z.number().min(IDLE_MINUTES_MIN).max(IDLE_MINUTES_MAX).default(60).meta({
    description: 'When a session ends without a request.',
    unit: 'minutes',
  }),
  oidc: oidc.prefault({}).meta({ description: 'An identity provider.' }),
});
