import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Alert, mailChannel } from '#monitor';
import { toMailMessage } from '../../../src/monitor/alerts/channels/mail-message.ts';
import { alertFor } from './results.ts';
import { certificates, LOGIN, type SmtpAnswers, type SmtpStub, startSmtp } from './smtp-stub.ts';

const FROM = 'Weir <weir@example.com>';
const servers: SmtpStub[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Change = Partial<Parameters<typeof mailChannel>[0]>;

async function send(
  alerts: readonly Alert[],
  { answers = {}, ...change }: Change & { readonly answers?: SmtpAnswers } = {},
) {
  const server = await startSmtp(answers);
  servers.push(server);
  const channel = mailChannel({
    ...{ host: 'localhost', port: server.port, security: answers.security ?? 'starttls', ...LOGIN },
    ...{ from: FROM, to: 'data@example.com, oncall@example.com', certificates, ...change },
  });
  const outcomes = [];
  for (const alert of alerts) outcomes.push(await channel.send(alert, new AbortController().signal));
  return { outcomes, received: server.received };
}

const headerOf = (source: string, name: string): string | undefined =>
  new RegExp(`^${name}: ((?:.*(?:\\r?\\n[ \\t])?)*)`, 'mi')
    .exec(source)?.[1]
    ?.replace(/\r?\n[ \t]/g, ' ')
    .trim();

describe('a mail channel', () => {
  it.each(['starttls', 'tls', 'none'] as const)('sends a mail over %s, logged in, to everybody', async (security) => {
    const { outcomes, received } = await send([alertFor()], { answers: { security } });
    expect(outcomes).toEqual([{ kind: 'accepted' }]);
    expect(received).toMatchObject([
      {
        from: 'weir@example.com',
        to: ['data@example.com', 'oncall@example.com'],
        isEncrypted: security !== 'none',
        user: 'weir',
      },
    ]);
    const source = received[0]?.source ?? '';
    expect(headerOf(source, 'Subject')).toBe('MEDIUM: Data problems in titanic_017.csv');
    expect(headerOf(source, 'Auto-Submitted')).toBe('auto-generated');
    expect(source).toMatch(/Content-Type: text\/plain[\s\S]*Content-Type: text\/html/);
  });

  it('sends nothing when the server cannot encrypt', async () => {
    const { outcomes, received } = await send([alertFor()], { answers: { security: 'none' }, security: 'starttls' });
    expect(outcomes).toEqual([{ kind: 'refused', reason: 'the mail server answered 500 (ETLS)', isChannelGone: true }]);
    expect(received).toEqual([]);
  });

  it('sends nothing to a server whose certificate it does not trust', async () => {
    const { certificates: _, ...server } = { certificates, host: 'localhost' };
    const smtp = await startSmtp();
    servers.push(smtp);
    const channel = mailChannel({
      ...server,
      ...LOGIN,
      port: smtp.port,
      security: 'starttls',
      from: FROM,
      to: 'a@b.c',
    });
    const outcome = await channel.send(alertFor(), new AbortController().signal);
    expect(outcome).toMatchObject({ kind: 'unavailable' });
    expect(smtp.received).toEqual([]);
  });

  it('keeps the Message-ID at every attempt, and puts the end of a problem below it', async () => {
    const firing = { ...alertFor({}, 'r1/1'), incidentKey: 'r1/1' };
    const resolved = { ...alertFor({}, 'r1/2'), incidentKey: 'r1/1', state: 'resolved' } as const;
    const { received } = await send([firing, firing, resolved]);
    const [first, again, end] = received.map(({ source }) => ({
      id: headerOf(source, 'Message-ID'),
      replyTo: headerOf(source, 'In-Reply-To'),
      references: headerOf(source, 'References'),
    }));
    expect(first).toEqual({
      id: expect.stringMatching(/^<[0-9a-f]{40}@example\.com>$/),
      replyTo: undefined,
      references: undefined,
    });
    expect(again).toEqual(first);
    expect(end).toEqual({
      id: expect.not.stringContaining(first?.id ?? ''),
      replyTo: first?.id,
      references: first?.id,
    });
  });

  it.each([
    [{ answers: { status: 451 } }, { kind: 'unavailable', reason: 'the mail server answered 451 (EMESSAGE)' }],
    [
      { answers: { status: 552 } },
      { kind: 'refused', reason: 'the mail server answered 552 (EMESSAGE)', isChannelGone: false },
    ],
    [
      { answers: { recipientStatus: 550 } },
      { kind: 'refused', reason: 'the mail server answered 550 (EENVELOPE)', isChannelGone: true },
    ],
    [{ password: 's3cret' }, { kind: 'refused', reason: 'the mail server answered 535 (EAUTH)', isChannelGone: true }],
  ] as const)('tells what %j means, without what the server said', async (change, expected) => {
    const { outcomes } = await send([alertFor()], change);
    expect(outcomes).toEqual([expected]);
  });

  it('is unavailable where nobody listens', async () => {
    const { outcomes } = await send([alertFor()], { host: '127.0.0.1', port: 1 });
    expect(outcomes).toEqual([{ kind: 'unavailable', reason: 'the mail server could not be used: ESOCKET' }]);
  });

  it('stops waiting for a server that says nothing when Weir ends', async () => {
    const stopping = new AbortController();
    const silent = createServer((socket) => {
      stopping.signal.addEventListener('abort', () => setImmediate(() => socket.destroy()));
      stopping.abort();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const channel = mailChannel({
      host: '127.0.0.1',
      port,
      security: 'none',
      user: '',
      password: '',
      from: FROM,
      to: 'a@b.c',
    });
    expect(await channel.send(alertFor(), stopping.signal)).toEqual({
      kind: 'unavailable',
      reason: 'stopped before the mail server answered',
    });
    await new Promise((resolve) => silent.close(resolve));
  });

  it('refuses addresses that are none', () => {
    const server = { host: 'localhost', port: 25, security: 'none', user: '', password: '' } as const;
    expect(() => mailChannel({ ...server, from: 'weir', to: 'a@b.c' })).toThrow(
      'Expected mail addresses in from and to of the channel mail, such as weir@example.com; got "weir" and "a@b.c".',
    );
  });
});

describe('a mail', () => {
  it('has text and HTML of the same content', async () => {
    const { text, html } = toMailMessage(alertFor(), FROM);
    await expect(`${text}\n`).toMatchFileSnapshot('../../golden/monitor/mail.txt');
    await expect(`${html}\n`).toMatchFileSnapshot('../../golden/monitor/mail.html');
  });

  it('shows what a file says as text, on one line of the subject', () => {
    const hostile = { ...alertFor(), title: 'a\r\nBcc: all@example.com', summary: '<script>"&\'</script>' };
    const { subject, html } = toMailMessage(hostile, FROM);
    expect(subject).toBe('MEDIUM: a  Bcc: all@example.com');
    expect(html).toContain('&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;');
  });
});
