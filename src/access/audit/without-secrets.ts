import { toStorableText, withoutCredentials } from '#store';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Names of fields whose values are secrets wherever they are. */
const SECRET_NAME = /pass(?:word|wd|phrase)|secret|token|credential|authorization|cookie|routingKey|^key$|apiKey/i;
/** Keys of Weir and signing secrets of webhooks, whatever field holds them. */
const SECRET_TEXT = /\b(?:weir|whsec)_[\w+/=-]{16,}/g;
const HIDDEN = '***';
const DEPTH_MAX = 8;
const ENTRIES_MAX = 50;
const TEXT_MAX = 2_000;

/**
 * A value as the audit log keeps it: without secrets, and no larger than a person reads. Safe by default, because what
 * a new endpoint takes and answers is recorded without anybody looking.
 */
export function withoutSecrets(value: unknown, depth = 0): Json {
  switch (typeof value) {
    case 'string':
      return shown(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : ofObject(value, depth);
    default:
      return null;
  }
}

function ofObject(value: object, depth: number): Json {
  if (value instanceof Date) return value.toISOString();
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, ENTRIES_MAX).map((each) => withoutSecrets(each, depth + 1));
    return value.length > ENTRIES_MAX ? [...kept, `… ${value.length - ENTRIES_MAX} more`] : kept;
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, ENTRIES_MAX)
    .filter(([, each]) => each !== undefined && typeof each !== 'function')
    .map(([name, each]): [string, Json] => [
      shown(name),
      isSecret(name, each) ? HIDDEN : withoutSecrets(each, depth + 1),
    ]);
  const more = entries.length > ENTRIES_MAX ? [['…', `${entries.length - ENTRIES_MAX} more`] as const] : [];
  return Object.fromEntries([...kept, ...more]);
}

/** The name of a key is known, and so is what is said about one. */
const isSecret = (name: string, value: unknown): boolean =>
  SECRET_NAME.test(name) && (typeof value === 'string' || typeof value === 'number');

function shown(text: string): string {
  const whole = withoutCredentials(text.slice(0, TEXT_MAX)).replaceAll(SECRET_TEXT, HIDDEN);
  return toStorableText(text.length > TEXT_MAX ? `${whole}…` : whole);
}
