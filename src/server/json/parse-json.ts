import { ServerError } from '../errors.ts';

/** Such a key is only possible in a text with one of these; `\u` may spell any of its letters. */
const SUSPECT = /__proto__|constructor|\\u/;

/**
 * Parses a JSON text, or reports where it is invalid, `place` first; keys that would change an object's prototype are refused
 * by name.
 */
export function parseJson(text: string, place = ''): unknown {
  const value = parse(text, place);
  const key = SUSPECT.test(text) ? maybeForbiddenKey(value) : undefined;
  if (key !== undefined) throw forbidden(key);
  return value;
}

/** Refuses a key that would change the prototype of an object; `value` was looked through itself. */
export function assertAllowed(key: string, value: unknown): void {
  if (key === '__proto__') throw forbidden(key);
  const isObject = typeof value === 'object' && value !== null;
  if (key === 'constructor' && isObject && Object.hasOwn(value, 'prototype')) throw forbidden('constructor.prototype');
}

function forbidden(key: string): ServerError {
  return new ServerError(
    'json_invalid',
    `The body holds the key ${JSON.stringify(key)}, which is never allowed in JSON that a program reads. Remove it.`,
  );
}

function parse(text: string, place: string): unknown {
  try {
    // A byte order mark is no part of the text.
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (cause) {
    const where = cause instanceof Error ? cause.message : String(cause);
    throw new ServerError('json_invalid', `Expected the body to be JSON; ${place}${where}.`, { cause });
  }
}

/** In code that merges objects, `__proto__` and `constructor.prototype` of a body would change every object. */
function maybeForbiddenKey(value: unknown): string | undefined {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const current = waiting.pop();
    if (typeof current !== 'object' || current === null) continue;
    if (Object.hasOwn(current, '__proto__')) return '__proto__';
    for (const [key, inner] of Object.entries(current)) {
      const isObject = typeof inner === 'object' && inner !== null;
      if (key === 'constructor' && isObject && Object.hasOwn(inner, 'prototype')) return 'constructor.prototype';
      if (isObject) waiting.push(inner);
    }
  }
  return undefined;
}
