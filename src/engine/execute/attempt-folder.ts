import { mkdirSync, mkdtempSync } from 'node:fs';
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ownProcessTag, type ProcessState, stateOfTag } from '#store';
import { EngineError } from '../define/errors.ts';

/** Where private folders are created when the app names no place. */
export const ATTEMPT_FOLDER_DEFAULT: string = path.join(os.tmpdir(), 'weir-attempts');

/**
 * The private folder of one attempt, created on first use: most tasks never use it, and creating one costs more than
 * such a task.
 */
export interface AttemptFolder {
  /** Creates it if it does not exist yet; throws when it has been removed. */
  path(): string;
  remove(): Promise<void>;
}

/** A private folder; its name contains the process, so that those of dead processes can be found. */
export async function openAttemptFolder(root: string, task: string): Promise<AttemptFolder> {
  const owner = await ownProcessTag();
  let folder: string | undefined;
  let isRemoved = false;
  return {
    path: () => {
      if (isRemoved)
        throw new EngineError('attempt_over', `This attempt of ${task} is over, and its private folder is gone.`);
      folder ??= makeAttemptFolder(root, `${owner}.${task}`);
      return folder;
    },
    remove: async () => {
      isRemoved = true;
      if (folder !== undefined) await removeAttemptFolder(folder);
    },
  };
}

// Synchronous, so that `folder` can be a plain property of the context.
function makeAttemptFolder(root: string, name: string): string {
  mkdirSync(root, { recursive: true });
  return mkdtempSync(path.join(root, `${name}-`));
}

export async function removeAttemptFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Suffix of a staged file: one that lies next to its final path and is not renamed yet. */
export const STAGED_SUFFIX = '.weir-tmp';
/** Paths of staged files, one per line: the only trace of them once the process is dead. */
const STAGED_LIST = '.staged-files';

/** Records that a staged file is about to be created. */
export async function announceStaged(folder: string, file: string): Promise<void> {
  await appendFile(path.join(folder, STAGED_LIST), `${JSON.stringify(file)}\n`);
}

/** Files that the attempt of a folder staged, whether or not they have been renamed since. */
export async function readStagedList(folder: string): Promise<readonly string[]> {
  const list = await readFile(path.join(folder, STAGED_LIST), 'utf8').catch(() => '');
  // A line that was cut off by a kill names a file that was never created.
  const lines = list.split('\n').slice(0, -1);
  return lines.flatMap((line) => maybeStagedPath(line) ?? []);
}

// The folder belongs to the task, which may write anything there.
function maybeStagedPath(line: string): string | undefined {
  try {
    const file: unknown = JSON.parse(line);
    const isStaged = typeof file === 'string' && path.isAbsolute(file) && file.endsWith(STAGED_SUFFIX);
    return isStaged && path.basename(file).startsWith('.') ? file : undefined;
  } catch {
    return undefined;
  }
}

const NAME = /^(?<owner>[1-9][0-9]*(?:-[0-9a-f]{8})+)\.[^.]+$/;

/** The state of the process of a private folder, by the folder's name; undefined when the name is not one of ours. */
export async function stateOfFolder(name: string): Promise<ProcessState | undefined> {
  const owner = NAME.exec(name)?.groups?.owner;
  return owner === undefined ? undefined : stateOfTag(owner);
}

/**
 * Removes what dead processes left, including their staged files. Folders of live processes stay, whatever their age.
 */
export async function removeAbandonedFolders(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  await Promise.all(
    names.map(async (name) => {
      if ((await stateOfFolder(name)) !== 'ended') return;
      const folder = path.join(root, name);
      for (const file of await readStagedList(folder)) await rm(file, { force: true });
      await removeAttemptFolder(folder);
    }),
  );
}
