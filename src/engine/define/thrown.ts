/**
 * Anything can be thrown, and reading it may throw again: a getter, a revoked proxy, a `toString`. These functions read
 * a thrown value and never throw.
 */
import { inspect } from 'node:util';

/** How many causes of an error are followed, because they may form a cycle. */
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

/** Whether it is an error of this class. */
export function isInstance<T extends Error>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  return maybe(() => thrown instanceof type) === true;
}

/** Whether a test of a thrown value returns true; false when it throws. */
export function satisfies(thrown: unknown, question: (thrown: unknown) => boolean): boolean {
  return maybe(() => question(thrown)) === true;
}

/** A property of a thrown value; undefined when it is missing or cannot be read. */
export function maybeProperty(thrown: unknown, name: string): unknown {
  return maybe(() => Reflect.get(Object(thrown), name));
}

/** Its name: `TypeError`, or just `Error`. */
export function nameOf(thrown: unknown): string {
  const name = isInstance(thrown, Error) ? maybeProperty(thrown, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

/** Its message. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  const message = maybeProperty(thrown, 'message');
  if (typeof message === 'string' && message !== '') return message;
  if (isInstance(thrown, Error)) return maybe(() => partsOf(thrown)) ?? `${nameOf(thrown)} without a message`;
  const value = maybe(() => inspect(thrown, VALUE_TOLD)) ?? 'an object that cannot be read';
  return `Something that is no error was thrown: ${value}`;
}

/** An aggregate error has the messages of its errors. */
function partsOf(thrown: Error): string | undefined {
  const errors = maybeProperty(thrown, 'errors');
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  return errors
    .slice(0, ERRORS_TOLD_MAX)
    .map((error: unknown) => `${nameOf(error)}: ${String(maybeProperty(error, 'message'))}`)
    .join('; ');
}

/** The error and its causes, the outermost first. */
export function withCauses(thrown: unknown): readonly unknown[] {
  const found: unknown[] = [thrown];
  while (found.length < CAUSES_MAX) {
    const cause = maybeProperty(found.at(-1), 'cause');
    if (cause === undefined || found.includes(cause)) break;
    found.push(cause);
  }
  return found;
}
