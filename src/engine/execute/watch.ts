import { AsyncLocalStorage } from 'node:async_hooks';
import path from 'node:path';
import { TaskError } from '../define/errors.ts';
import type { AnyTask } from '../define/task.ts';

/** `fail`: an attempt that read what it did not declare fails. `report`: its log says so. */
export type StrictMode = 'fail' | 'report';
export type UndeclaredKind = 'environment' | 'file' | 'clock' | 'randomness' | 'network' | 'process';

/** Something that a task read and that is not among its inputs. */
export interface Undeclared {
  readonly kind: UndeclaredKind;
  /** The variable, the path, the call. */
  readonly name: string;
  /** Where in the code it was read first. */
  readonly at: string;
}

/** State shared by the guard, which is loaded first, and the attempts of its process. */
export interface Strict {
  readonly mode: StrictMode;
  readonly storage: AsyncLocalStorage<Watch>;
}

const UNDECLARED_MAX = 100;
const FRAMES_MAX = 40;
/** Under a global symbol, because the guard is a separate module instance. */
const SHARED = Symbol.for('weir.strict');

/** Makes this process strict; called once, by the guard. */
export function startStrict(mode: StrictMode): Strict {
  const strict: Strict = { mode, storage: new AsyncLocalStorage() };
  Reflect.set(globalThis, SHARED, strict);
  return strict;
}

// Set only by the function above.
export const maybeStrict = (): Strict | undefined => Reflect.get(globalThis, SHARED) as Strict | undefined;

/** What one attempt, or one batch, reads besides its inputs while its own code runs. */
export class Watch {
  readonly #found = new Map<string, Undeclared>();
  readonly #isGiven: (file: string) => boolean;

  constructor(isGiven: (file: string) => boolean) {
    this.#isGiven = isGiven;
  }

  /** What Node does internally to serve a call is not counted, except what reaches `through` it. */
  note(kind: UndeclaredKind, name: string, { through = false }: { readonly through?: boolean } = {}): void {
    const known = `${kind} ${name}`;
    if (this.#found.has(known) || this.#found.size >= UNDECLARED_MAX) return;
    const frames = callersOf();
    if (!through && frames[0]?.includes('node:') === true) return;
    const at = frames.find((frame) => !frame.includes('node:')) ?? '';
    this.#found.set(known, { kind, name, at });
  }

  noteFile(file: string): void {
    const at = path.resolve(file);
    // Packages are part of the code, by their locked versions.
    if (at.split(path.sep).includes('node_modules') || this.#isGiven(at)) return;
    this.note('file', at);
  }

  get undeclared(): readonly Undeclared[] {
    return [...this.#found.values()];
  }
}

/** Runs the task's own code and records what it reads. */
export function watched<T>(watch: Watch, work: () => T): T {
  const strict = maybeStrict();
  return strict === undefined ? work() : strict.storage.run(watch, work);
}

/** Runs Weir's own code for the task, unwatched. */
export function unwatched<T>(work: () => T): T {
  const strict = maybeStrict();
  return strict === undefined ? work() : strict.storage.exit(work);
}

/** The task, but strict mode does not look at what its code reads: for tasks that read on purpose what is not an input. */
export function withoutWatch(task: AnyTask): AnyTask {
  return { ...task, run: (context) => unwatched(() => task.run(context)) };
}

/** A function that is watched exactly when the code that passes it is. */
function watchedLikeNow<A extends readonly unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  const strict = maybeStrict();
  const watch = strict?.storage.getStore();
  return strict === undefined || watch === undefined ? work : (...args) => strict.storage.run(watch, work, ...args);
}

/** A context whose methods run unwatched; functions passed to them are the task's own and watched. */
export function unwatchedMembers<T extends object>(context: T): T {
  if (maybeStrict() === undefined) return context;
  const members = Object.entries(Object.getOwnPropertyDescriptors(context)).map(([name, member]) => {
    const { get, value } = member;
    if (get !== undefined) return [name, { ...member, get: () => unwatched(() => Reflect.apply(get, context, [])) }];
    if (typeof value !== 'function') return [name, member];
    const call = (...args: readonly unknown[]): unknown => {
      const handed = args.map((arg) => (typeof arg === 'function' ? watchedLikeNow((...given) => arg(...given)) : arg));
      return unwatched(() => Reflect.apply(value, context, handed));
    };
    return [name, { ...member, value: call }];
  });
  // The same members, of the same types.
  return Object.defineProperties({}, Object.fromEntries(members)) as T;
}

/** Throws, or writes to the log, when something undeclared was read. */
export function reportUndeclared(
  watch: Watch,
  task: { readonly name: string; readonly log: (line: string) => void },
): void {
  const strict = maybeStrict();
  if (strict === undefined || watch.undeclared.length === 0) return;
  const lines = watch.undeclared.map(({ kind, name, at }) => `${WORDS[kind]} ${name}${at === '' ? '' : ` (${at})`}`);
  if (strict.mode === 'report') {
    for (const line of lines) task.log(`not declared: ${line}`);
    return;
  }
  throw new TaskError(
    `Task ${task.name} read what is not among its inputs: ${lines.join('; ')}. Its result may differ the next time under the same key. Make these params or inputs, or run without strict.`,
    { code: 'read_undeclared', class: 'user' },
  );
}

const WORDS: Readonly<Record<UndeclaredKind, string>> = {
  environment: 'environment',
  file: 'file',
  clock: 'clock',
  randomness: 'randomness',
  network: 'network',
  process: 'process',
};

const OWN_FRAME = /[/\\]engine[/\\]execute[/\\](?:watch|guard)\.[jt]s|\(<anonymous>\)/;

/** The call stack, nearest first, without frames of this watch. */
function callersOf(): readonly string[] {
  const limit = Error.stackTraceLimit;
  // Between a request and its socket Node has more frames than the default ten.
  Error.stackTraceLimit = FRAMES_MAX;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  return frames.filter((line) => !OWN_FRAME.test(line)).map((line) => line.replace(/^\s*at (async )?/, '').trim());
}
