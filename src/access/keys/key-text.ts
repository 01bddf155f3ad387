import { randomBytes } from 'node:crypto';
import { newSecret } from '../secret.ts';

const PREFIX_BYTES = 5;
// The word in front lets scanners of repositories and logs find keys that leaked.
const KEY = /^weir_([0-9a-f]{10})_([0-9a-f]{64})$/;

/** A key in its parts: the prefix, by which people tell it from others, and the secret. */
export interface KeyParts {
  readonly prefix: string;
  readonly secret: string;
}

export const newKeyParts = (): KeyParts => ({ prefix: randomBytes(PREFIX_BYTES).toString('hex'), secret: newSecret() });

export const toKeyText = ({ prefix, secret }: KeyParts): string => `weir_${prefix}_${secret}`;

export function maybeKeyParts(text: string): KeyParts | undefined {
  const [, prefix, secret] = KEY.exec(text) ?? [];
  return prefix === undefined || secret === undefined ? undefined : { prefix, secret };
}
