import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/smtp/${name}`, import.meta.url), 'utf8');

/** The certificate of the server, for localhost; its key is in the repository and protects nothing. */
export const certificates = fixture('certificate.pem');

export interface SmtpAnswers {
  /** `starttls` unless given. */
  readonly security?: 'starttls' | 'tls' | 'none';
  /** Status of the answer to each mail; accepted unless given. */
  readonly status?: number;
  /** Status of the answer to each recipient. */
  readonly recipientStatus?: number;
}

export interface SmtpStub {
  readonly port: number;
  readonly received: {
    readonly source: string;
    readonly from: string;
    readonly to: readonly string[];
    readonly isEncrypted: boolean;
    readonly user: string | undefined;
  }[];
  close(): Promise<void>;
}

export const LOGIN = { user: 'weir', password: 'correct horse' };

/** An SMTP server on the loopback that knows one login and keeps the mails it accepts. */
export async function startSmtp({
  security = 'starttls',
  status,
  recipientStatus,
}: SmtpAnswers = {}): Promise<SmtpStub> {
  const received: SmtpStub['received'] = [];
  const server = new SMTPServer({
    ...{ key: fixture('key.pem'), cert: certificates, secure: security === 'tls' },
    disabledCommands: security === 'none' ? ['STARTTLS'] : [],
    allowInsecureAuth: security === 'none',
    onAuth: ({ username, password }, _, callback) => {
      const isKnown = username === LOGIN.user && password === LOGIN.password;
      if (isKnown) callback(null, { user: username });
      else callback(answer(535, `no ${password}`));
    },
    onRcptTo: (_, __, callback) =>
      callback(recipientStatus === undefined ? null : answer(recipientStatus, 'no such user')),
    onData: (stream, session, callback) => {
      void text(stream).then((source) => {
        if (status !== undefined) return callback(answer(status, 'not now'));
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          source,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
        });
        return callback();
      });
    },
  });
  // A client that goes away is no error of the test.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on a port has an address with one.
  const { port } = server.server.address() as AddressInfo;
  return { port, received, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const answer = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });
