import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

export interface WatchOptions {
  readonly project: string;
  /** Folders in which files come and go: state and data. */
  readonly skipped: readonly string[];
  /** Files that the project was loaded from; some may be outside its folder. */
  readonly files: readonly string[];
  /** Called after a change, once nothing has changed for a moment: editors write a file in several steps. */
  onChange(): void;
  /** Called when a folder cannot be watched. */
  onError(error: unknown): void;
}

/** Time of a clock that tests replace. */
export interface WatchEffects {
  after(delayMs: number, callback: () => void): () => void;
}

const realEffects: WatchEffects = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

const QUIET_MS = 150;
/** A project with more folders has most of them for something else. */
const FOLDERS_MAX = 500;
/** What a project may import, and names without an ending, which may be folders. */
const SOURCE = /^[^.][^.]*$|\.(?:[cm]?[jt]sx?|json|ya?ml|sql|txt|csv|md)$/;

/** Watches the folders of a project until the result is called. */
export async function watchProject(options: WatchOptions, effects: WatchEffects = realEffects): Promise<() => void> {
  let cancel = (): void => undefined;
  const changed = (_: string, name: string | null): void => {
    if (name !== null && (name.startsWith('.') || !SOURCE.test(name))) return;
    cancel();
    cancel = effects.after(QUIET_MS, options.onChange);
  };
  const watchers: FSWatcher[] = [];
  const folders = new Set([options.project, ...options.files.map((file) => path.dirname(file))]);
  for (const folder of folders) {
    try {
      watchers.push(watch(folder, { persistent: false }, changed).on('error', options.onError));
    } catch (error) {
      options.onError(error);
    }
    // Listed only now: a folder that is made between a list and the watch would stay unknown.
    for (const inside of await foldersIn(folder, options)) if (folders.size < FOLDERS_MAX) folders.add(inside);
  }
  return () => {
    cancel();
    for (const watcher of watchers) watcher.close();
  };
}

/** Those that may hold sources: not packages, hidden folders, or anything outside the project. */
async function foldersIn(folder: string, { project, skipped }: WatchOptions): Promise<readonly string[]> {
  if (folder !== project && !folder.startsWith(project + path.sep)) return [];
  // One that was removed meanwhile has no entries; its parent is watched.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const isSource = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules';
  return entries
    .filter((entry) => entry.isDirectory() && isSource(entry.name))
    .map(({ name }) => path.join(folder, name))
    .filter((inside) => !skipped.includes(inside));
}
