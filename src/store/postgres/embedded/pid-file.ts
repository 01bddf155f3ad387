import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasErrorCode } from '../../error-code.ts';
import { StoreError } from '../../errors.ts';
import { isRunning, maybeCommand } from '../../process-identity.ts';

/** How long a process that ends is waited for. */
const LOOK_MS = 20;
const LOOKS_MAX = 500;

/** What `postmaster.pid` in a data folder says about its server. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`; empty before the server has written it. */
  readonly status: string;
}

/** What the pid of the file is now. */
export type Occupant = 'postmaster' | 'gone' | 'another process';

export async function maybePidFile(dataFolder: string): Promise<PidFile | undefined> {
  const text = await readFile(fileOf(dataFolder), 'utf8').catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line) => line.trim());
  // A server for a single user writes its pid with a minus.
  return { pid: Math.abs(Number(lines[0])), port: Number(lines[3] ?? 0), status: lines[7] ?? '' };
}

/** Finds out whether the process of the file is the postmaster of this data folder, by its command line and folder. */
export async function occupantOf(dataFolder: string, { pid }: PidFile): Promise<Occupant> {
  if (!(await isRunning(pid))) return 'gone';
  const command = await maybeLastingCommand(pid);
  if (command === undefined || command.words.join('') === '') {
    if (!(await isRunning(pid))) return 'gone';
    throw new StoreError(
      'postgres_unusable',
      `Process ${pid} may be a PostgreSQL over ${dataFolder}, and this user may not look at its command line. Stop it, or if it is something else, remove ${fileOf(dataFolder)}.`,
    );
  }
  const isPostgres = /(^|[\\/])postgres(\.exe)?$/.test(command.words[0] ?? '');
  const isHere = command.folder === dataFolder || command.words.includes(dataFolder);
  return isPostgres && isHere ? 'postmaster' : 'another process';
}

/** A process that was killed has no command line any more before it is gone, which takes a moment on a busy machine. */
async function maybeLastingCommand(pid: number): ReturnType<typeof maybeCommand> {
  for (let look = 0; ; look += 1) {
    const command = await maybeCommand(pid);
    const isEnding = command?.words.join('') === '' && (await isRunning(pid));
    if (!isEnding || look === LOOKS_MAX) return command;
    await delay(LOOK_MS);
  }
}

/**
 * Makes a stale file harmless. PostgreSQL refuses to start while the pid in it belongs to any process, even a zombie,
 * except to its own parent, which this process will be. Removing the file instead would disable the check for surviving
 * backends.
 */
export async function disownStalePidFile(dataFolder: string): Promise<void> {
  const file = await maybePidFile(dataFolder);
  if (file === undefined || (await occupantOf(dataFolder, file)) === 'postmaster') return;
  const text = await readFile(fileOf(dataFolder), 'utf8');
  await writeFile(fileOf(dataFolder), text.replace(/^[^\n]*/, String(process.pid)));
}

function fileOf(dataFolder: string): string {
  return path.join(dataFolder, 'postmaster.pid');
}
