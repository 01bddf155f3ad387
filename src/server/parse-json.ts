import { ServerError } from './errors.ts';

/** Such a key is only possible in a text with one of these; `\u` may spell any of its letters. */
const SUSPECT = /__proto__|constructor|\\u/;

/**
 * Parses a JSON text, or reports where it is invalid; keys that would change an object's prototype are refused by name.
 */
export function parseJson(text: string): unknown {
  const value = parse(text);
  const key = SUSPECT.test(text) ? maybeForbiddenKey(value) : undefined;
  if (key === undefined) return value;
  throw new ServerError(
    'json_invalid',
    `The body holds the key ${JSON.stringify(key)}, which is never allowed in JSON that a program reads. Remove it.`,
  );
}

function parse(text: string): unknown {
  try {
    // A byte order mark is no part of the text.
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (cause) {
    const where = cause instanceof Error ? cause.message : String(cause);
    throw new ServerError('json_invalid', `Expected the body to be JSON; ${where}.`, { cause });
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
