import { isIP } from 'node:net';
import { isStoreError, type OutgoingPolicy, resolveChecked } from '#store';
import { MonitorError } from '../../errors.ts';
import type { Channel, ChannelOptions, DeliveryOutcome } from './channel.ts';
import { type MailMessage, toMailMessage } from './mail-message.ts';
import { REFUSED_ADDRESS } from './post.ts';

export interface MailOptions extends ChannelOptions {
  readonly host: string;
  readonly port: number;
  /** `starttls` begins in plain text and must be encrypted before anything is sent, `tls` from the first byte. */
  readonly security: 'starttls' | 'tls' | 'none';
  /** Empty for a server that asks for no login. */
  readonly user: string;
  readonly password: string;
  readonly from: string;
  /** Addresses, separated by commas. */
  readonly to: string;
  /** Hosts that may be in a private network; any unless given. */
  readonly privateHosts?: OutgoingPolicy['privateHosts'];
  /** Certificates to trust besides those of Node, in PEM. */
  readonly certificates?: string;
}

/** Below the time that a delivery is claimed for, all together. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 15_000;
const SEND_MS = 40_000;

/** Login, encryption or every recipient is refused, and would be for the next alert. */
const GONE: ReadonlySet<string> = new Set(['EAUTH', 'ETLS', 'EENVELOPE']);

/** Sends the alert as a mail by SMTP, with a connection for each, because alerts are few. */
export function mailChannel({ name = 'mail', criticality, kinds, ...server }: MailOptions): Channel {
  if (!server.from.includes('@') || !server.to.includes('@')) {
    throw new MonitorError(
      'channel_invalid',
      `Expected mail addresses in from and to of the channel ${name}, such as weir@example.com; got ${JSON.stringify(server.from)} and ${JSON.stringify(server.to)}.`,
    );
  }
  return {
    ...(criticality === undefined ? {} : { criticality }),
    ...(kinds === undefined ? {} : { kinds }),
    name,
    send: (alert, signal) => sendMail(server, { message: toMailMessage(alert, server.from), signal }),
  };
}

interface Sending {
  readonly message: MailMessage;
  readonly signal: AbortSignal;
}

async function sendMail(server: Omit<MailOptions, 'name'>, sending: Sending): Promise<DeliveryOutcome> {
  try {
    // Resolved once: the connection goes to an address that was checked, whatever the name leads to later.
    const [address] = await resolveChecked(server.host, { privateHosts: server.privateHosts ?? 'all' });
    return await sendMailTo(address ?? server.host, server, sending);
  } catch (error) {
    if (isStoreError(error, 'address_refused')) return REFUSED_ADDRESS;
    return toOutcome(error);
  }
}

async function sendMailTo(
  address: string,
  server: Omit<MailOptions, 'name'>,
  { message, signal }: Sending,
): Promise<DeliveryOutcome> {
  // Loaded with the first mail: most processes send none.
  const { createTransport } = await import('nodemailer');
  const { host, port, security, user, password, from, to, certificates } = server;
  const tls = { ...(isIP(host) === 0 && { servername: host }), ...(certificates && { ca: certificates }) };
  const transport = createTransport({
    ...{
      host: address,
      tls,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
    },
    ...(user === '' ? {} : { auth: { user, pass: password } }),
    ...{ connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: ANSWER_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const ending = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]);
  const ended = new Promise<DeliveryOutcome>((resolve) => {
    const end = (): void => resolve({ kind: 'unavailable', reason: 'stopped before the mail server answered' });
    if (ending.aborted) end();
    else ending.addEventListener('abort', end, { once: true });
  });
  const sent = transport
    .sendMail({ ...message, headers: { ...message.headers }, from, to })
    .then((): DeliveryOutcome => ({ kind: 'accepted' }), toOutcome);
  try {
    return await Promise.race([sent, ended]);
  } finally {
    transport.close();
  }
}

/** An error of the mail library. */
interface SmtpError {
  readonly code?: string;
  /** What the server answered, if it did. */
  readonly responseCode?: number;
}

/** Only its codes are passed on, because a server may repeat what it was sent. */
function toOutcome(error: unknown): DeliveryOutcome {
  // The library rejects with such errors; of any other both fields are undefined.
  const { code = 'ESMTP', responseCode: answer } = error as SmtpError;
  if (answer === undefined) return { kind: 'unavailable', reason: `the mail server could not be used: ${code}` };
  const reason = `the mail server answered ${answer} (${code})`;
  if (answer < 500) return { kind: 'unavailable', reason };
  return { kind: 'refused', reason, isChannelGone: GONE.has(code) };
}
