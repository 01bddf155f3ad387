import { type Actor, changeTogether, type RecordedChange, recordChange } from '#access';
import type { routes } from '#api';
import type { Database } from '#store';
import { systemUser } from './system-user.ts';

/** The name of the endpoint that does the same, so that one filter finds a change however it was made; or the command. */
type ActionName = keyof typeof routes | `weir ${string}`;

/** A change by a command, as the audit log keeps it. */
export interface CommandChange<T> {
  readonly action: ActionName;
  /** What is changed, such as `pipeline=train`. */
  readonly target?: string;
  /** The same when it is known only then, or under a better name. */
  readonly toTarget?: (done: T) => string;
  /** The name that was given with the command. */
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  /** What is so before the change, and after it. */
  readonly state?: (database: Database) => Promise<unknown>;
  /** What was asked for and what came of it, where there is no `state`. */
  readonly toAfter?: (done: T) => unknown;
  /** Whether anything was changed; it was unless this says otherwise. */
  readonly isChange?: (done: T) => boolean;
}

/**
 * Makes a change that happens in the database alone, in one transaction with its entry in the audit log. One that fails
 * is recorded as failed.
 */
export async function onRecord<T>(
  database: Database,
  change: CommandChange<T>,
  work: (inside: Database) => Promise<T>,
): Promise<T> {
  const before = await change.state?.(database);
  return orFailed(database, change, () =>
    changeTogether(database, work, async (done, inside) => {
      if (change.isChange?.(done) === false) return undefined;
      return toDone(change, done, { before, after: await change.state?.(inside) });
    }),
  );
}

/** Makes a change that takes long or happens outside the database too; its entry in the audit log follows it. */
export async function thenOnRecord<T>(
  database: Database,
  change: CommandChange<T>,
  work: () => Promise<T>,
): Promise<T> {
  const before = await change.state?.(database);
  const done = await orFailed(database, change, work);
  if (change.isChange?.(done) !== false)
    await recordChange(database, toDone(change, done, { before, after: await change.state?.(database) }));
  return done;
}

/** Who runs a command: the user of the operating system, under the name that was given with it, if any. */
export function commandActor(by: string | undefined): Actor {
  const user = systemUser();
  return { kind: 'command', id: user, name: by ?? user };
}

interface States {
  readonly before: unknown;
  readonly after: unknown;
}

function toDone<T>(change: CommandChange<T>, done: T, { before, after }: States): RecordedChange {
  const { action, target, toTarget, by, reason, toAfter } = change;
  return {
    ...{ actor: commandActor(by), action, outcome: 'done', before, after: after ?? toAfter?.(done) },
    reason: reason ?? null,
    target: toTarget?.(done) ?? target ?? null,
  };
}

async function orFailed<T>(
  database: Database,
  { action, target, by, reason }: CommandChange<T>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failed: RecordedChange = {
      ...{ actor: commandActor(by), action, outcome: 'failed', code: codeOf(error) },
      ...{ target: target ?? null, reason: reason ?? null },
    };
    // A database that cannot be written is what the error of the change says already.
    await recordChange(database, failed).catch(() => undefined);
    throw error;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
