import { once } from 'node:events';
import type { Database } from '#store';
import { forkProgram, type Program } from '../programs/programs.ts';

/** How a program with fault points ended: killed at its target, or at its end with the places that it passed. */
export type KilledEnd =
  | { readonly kind: 'killed' }
  | { readonly kind: 'finished'; readonly passed: readonly string[]; readonly answer: unknown };

/** What such a program sends when it comes to its end. */
export interface ProgramEnd {
  readonly passed: readonly string[];
  readonly answer?: unknown;
}

export interface ProgramRun {
  /** Their addresses are what the program is called with first. */
  readonly databases: readonly Database[];
  readonly args: readonly string[];
}

/**
 * Runs a program until it kills itself or is through, and until the server has done what it was asked. Throws when it
 * ends in another way.
 */
export async function runToKill(program: Program, { databases, args }: ProgramRun): Promise<KilledEnd> {
  const end = await endOf(program, [...databases.map(({ url }) => url), ...args]);
  for (const database of databases) await untilServerIsDone(database);
  return end;
}

async function endOf(program: Program, args: readonly string[]): Promise<KilledEnd> {
  const child = forkProgram(program, args);
  let end: ProgramEnd | undefined;
  child.on('message', (message: ProgramEnd) => {
    end = message;
  });
  const [code, signal] = await once(child, 'exit');
  if (signal === 'SIGKILL') return { kind: 'killed' };
  if (code !== 0 || end === undefined) throw new Error(`${args.join(' ')} ended with code ${code}, signal ${signal}.`);
  return { kind: 'finished', passed: end.passed, answer: end.answer };
}

/**
 * Waits for what the server still does for a client that was killed: it may commit, and hold locks, after the client is
 * gone. That is part of what was killed.
 */
async function untilServerIsDone(database: Database): Promise<void> {
  for (;;) {
    const busy = await database.query(
      `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    if (busy.length === 0) return;
  }
}
