import type { Identity } from '../identity.ts';
import { digestOfSecret } from '../secret.ts';
import { newKeyParts, toKeyText } from './key-text.ts';

/** A key that is valid as long as a process runs, and that no database stores. */
export interface ProcessKey {
  readonly prefix: string;
  readonly digest: Buffer;
  readonly identity: Identity;
}

/** Makes such a key; its text is for whoever is to have it. */
export function newProcessKey(identity: Identity): { readonly key: ProcessKey; readonly text: string } {
  const parts = newKeyParts();
  return { key: { prefix: parts.prefix, digest: digestOfSecret(parts.secret), identity }, text: toKeyText(parts) };
}
