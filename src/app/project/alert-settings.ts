import { z } from 'zod';
import { alertRuleFields, alertRuleName } from '#api';

const alertUrl = z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default('');
const SECRET = 'a secret, so better a variable than a file';

/** Settings that channels of every kind have. */
const channelRoute = {
  criticality: z.enum(['low', 'medium', 'high']).default('low').meta({
    description: 'The least critical alerts that the channel gets.',
  }),
  kinds: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'Kinds of alerts that the channel gets; empty for all.',
      examples: [['data-quality', 'delivery']],
    }),
};
const channelKind = <K extends string>(kind: K) => z.literal(kind).meta({ description: 'What kind of channel it is.' });
const channelUrl = alertUrl.meta({
  description: `Of \`teams\`, \`slack\` and \`webhook\`: the address that alerts are posted to; ${SECRET}. Empty for none.`,
  examples: ['https://hooks.slack.com/services/…'],
});

const alertChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: channelKind('teams'), url: channelUrl, ...channelRoute }),
  z.strictObject({ kind: channelKind('slack'), url: channelUrl, ...channelRoute }),
  z.strictObject({
    kind: channelKind('webhook'),
    url: channelUrl,
    secret: z
      .string()
      .default('')
      .meta({
        description: `Of \`webhook\`: what requests are signed with, \`whsec_\` and base64 of 24 to 64 random bytes; ${SECRET}. Empty for no signature.`,
        examples: ['whsec_…'],
      }),
    ...channelRoute,
  }),
  z.strictObject({
    kind: channelKind('pagerduty'),
    routingKey: z
      .string()
      .default('')
      .meta({
        description: `Of \`pagerduty\`: the integration key of a service (Events API v2); ${SECRET}. Empty for none.`,
        examples: ['0123456789abcdef0123456789abcdef'],
      }),
    region: z.enum(['us', 'eu']).default('us').meta({
      description: 'Of `pagerduty`: where the account is.',
    }),
    ...channelRoute,
  }),
  z.strictObject({
    kind: channelKind('mail'),
    host: z
      .string()
      .default('')
      .meta({
        description: 'Of `mail`: name of the SMTP server; empty for none.',
        examples: ['smtp.example.com'],
      }),
    port: z.int().min(1).max(65_535).default(587).meta({
      description: 'Of `mail`: port of the SMTP server, usually 587 for `starttls` and 465 for `tls`.',
    }),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls').meta({
      description:
        'Of `mail`: `starttls` sends nothing before the connection is encrypted, `tls` encrypts from the first byte, `none` never does.',
    }),
    user: z
      .string()
      .default('')
      .meta({
        description: 'Of `mail`: name of the login; empty for a server that needs none.',
        examples: ['weir'],
      }),
    password: z
      .string()
      .default('')
      .meta({
        description: `Of \`mail\`: password of the login; ${SECRET}.`,
        examples: ['…'],
      }),
    from: z
      .string()
      .default('')
      .meta({
        description: 'Of `mail`: the address that mails come from.',
        examples: ['Weir <weir@example.com>'],
      }),
    to: z
      .string()
      .default('')
      .meta({
        description: 'Of `mail`: the addresses that get mails, separated by commas.',
        examples: ['data@example.com, oncall@example.com'],
      }),
    ...channelRoute,
  }),
]);

const CHANNEL_NAME = /^[a-z][a-zA-Z0-9-]{0,39}$/;
/** Where alerts go. */
export const alertSettings = z
  .strictObject({
    teamsUrl: alertUrl.meta({
      description: `Webhook of a Microsoft Teams channel, which is then the channel \`teams\`; ${SECRET}.`,
      examples: ['https://prod-01.westeurope.logic.azure.com/workflows/…'],
    }),
    webhookUrl: alertUrl.meta({
      description: `Address that gets each alert as JSON, which is then the channel \`webhook\`; ${SECRET}.`,
      examples: ['https://hooks.example.com/weir'],
    }),
    privateHosts: z
      .string()
      .default('')
      .meta({
        description:
          'Hosts of channels, separated by commas, that may have a private address, of your own network or of this machine; written as in the address of the channel. Alerts go to all other hosts at public addresses only.',
        examples: ['mattermost.example.lan, localhost'],
      }),
    channels: z
      .record(z.string().regex(CHANNEL_NAME), alertChannel)
      .default({})
      .meta({ description: 'Channels that alerts are sent through.', keyName: 'channel' }),
    rules: z
      .record(alertRuleName, z.strictObject(alertRuleFields))
      .default({})
      .meta({
        description: 'Alert rules of the project, and changes of the default ones; docs/alerts.md lists those.',
        keyName: 'rule',
        readBy: ['serve'],
      }),
  })
  .refine(({ teamsUrl, channels }) => teamsUrl === '' || channels.teams === undefined, {
    path: ['channels', 'teams'],
    message: 'the channel teams is also set by alerts.teamsUrl: keep one of them, or give this one another name',
  })
  .refine(({ webhookUrl, channels }) => webhookUrl === '' || channels.webhook === undefined, {
    path: ['channels', 'webhook'],
    message: 'the channel webhook is also set by alerts.webhookUrl: keep one of them, or give this one another name',
  });
