/**
 * Anything can be thrown, and reading it may throw again: a getter, a revoked proxy, a `toString`. Who has to go on
 * whatever was thrown asks here, where nothing throws.
 */
import { inspect } from 'node:util';

/** How far the causes of an error are followed: they may go round in a cycle. */
const CAUSES_MAX = 16;
const ERRORS_TOLD_MAX = 5;
const VALUE_TOLD = {
  ...{ depth: 2, breakLength: Number.POSITIVE_INFINITY, customInspect: false },
  ...{ maxStringLength: 1_000, maxArrayLength: 20 },
} as const;

function maybe<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Whether it is an error of this class, made with whatever arguments. */
export function isInstance<T extends Error>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  return maybe(() => thrown instanceof type) === true;
}

/** Whether a question that reads what was thrown is answered with yes. */
export function satisfies(thrown: unknown, question: (thrown: unknown) => boolean): boolean {
  return maybe(() => question(thrown)) === true;
}

/** A property of what was thrown; undefined when it has none, or none that can be read. */
export function maybeProperty(thrown: unknown, name: string): unknown {
  return maybe(() => Reflect.get(Object(thrown), name));
}

/** What it is called: `TypeError`, or plainly `Error`. */
export function nameOf(thrown: unknown): string {
  const name = isInstance(thrown, Error) ? maybeProperty(thrown, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

/** What can be said of it in words. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  const message = maybeProperty(thrown, 'message');
  if (typeof message === 'string' && message !== '') return message;
  if (isInstance(thrown, Error)) return maybe(() => partsOf(thrown)) ?? `${nameOf(thrown)} without a message`;
  const value = maybe(() => inspect(thrown, VALUE_TOLD)) ?? 'an object that cannot be read';
  return `Something that is no error was thrown: ${value}`;
}

/** An error for several others says what those say. */
function partsOf(thrown: Error): string | undefined {
  const errors = maybeProperty(thrown, 'errors');
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  return errors
    .slice(0, ERRORS_TOLD_MAX)
    .map((error: unknown) => `${nameOf(error)}: ${String(maybeProperty(error, 'message'))}`)
    .join('; ');
}

/** It and its causes, the outermost first. */
export function withCauses(thrown: unknown): readonly unknown[] {
  const found: unknown[] = [thrown];
  while (found.length < CAUSES_MAX) {
    const cause = maybeProperty(found.at(-1), 'cause');
    if (cause === undefined || found.includes(cause)) break;
    found.push(cause);
  }
  return found;
}
