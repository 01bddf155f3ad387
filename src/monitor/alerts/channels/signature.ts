import { createHmac } from 'node:crypto';
import { MonitorError } from '../../errors.ts';
import { hashedKey } from './hashed-key.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** What is signed, as the Standard Webhooks specification has it. */
export interface SignedMessage {
  /** The same for every attempt to send the same alert. */
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

/** The key of a secret `whsec_<base64>`; an error never contains it. */
export function parseSecret(secret: string, channel: string): Buffer {
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  const isBase64 = key.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  const isKey = key.length >= SECRET_BYTES_MIN && key.length <= SECRET_BYTES_MAX;
  if (secret.startsWith(PREFIX) && isBase64 && isKey) return key;
  throw new MonitorError(
    'channel_invalid',
    `Expected ${PREFIX} and base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} random bytes as the secret of the channel ${channel}; got something else (not shown: it is a secret).`,
  );
}

/** The header of a signature: HMAC-SHA256 over id, time and body. Pure. */
export function signatureOf({ id, timestampSeconds, body }: SignedMessage, key: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`;
}

/** An id that a header can hold, by which a receiver recognises a repeat. */
export const messageIdOf = (dedupeKey: string): string => `msg_${hashedKey(dedupeKey)}`;
