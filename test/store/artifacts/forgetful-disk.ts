import path from 'node:path';
import { Readable } from 'node:stream';
import type { Disk } from '../../../src/store/artifacts/disk.ts';

/** What a power loss takes of what was not synced: the names, or the content behind names that were kept. */
export type PowerLoss = 'unsynced names' | 'unsynced content';

interface File {
  content: Buffer;
  synced: Buffer;
}
type Entry = File | Folder;
interface Folder {
  entries: Map<string, Entry>;
  synced: Map<string, Entry>;
}

/** A disk in memory that keeps, as POSIX allows, nothing but what was synced: content by datasync, names by their folder's sync. */
export function forgetfulDisk(): { readonly disk: Disk; readonly losePower: (loss: PowerLoss) => Disk } {
  const root = newFolder();
  return {
    disk: diskOver(root),
    losePower: (loss) => diskOver(afterLoss(root, loss)),
  };
}

function newFolder(): Folder {
  return { entries: new Map(), synced: new Map() };
}

function isFolder(entry: Entry | undefined): entry is Folder {
  return entry !== undefined && 'entries' in entry;
}

function afterLoss(folder: Folder, loss: PowerLoss): Folder {
  const kept = new Map<string, Entry>();
  for (const [name, entry] of loss === 'unsynced names' ? folder.synced : folder.entries) {
    kept.set(name, isFolder(entry) ? afterLoss(entry, loss) : { content: entry.synced, synced: entry.synced });
  }
  return { entries: kept, synced: new Map(kept) };
}

function diskOver(root: Folder): Disk {
  const partsOf = (at: string): string[] => at.split(path.sep).filter(Boolean);
  const find = (at: string): Entry | undefined => {
    let entry: Entry | undefined = root;
    for (const part of partsOf(at)) entry = isFolder(entry) ? entry.entries.get(part) : undefined;
    return entry;
  };
  const folderOf = (at: string): Folder => {
    const folder = find(path.dirname(at));
    if (!isFolder(folder)) throw errorOf('ENOENT', at);
    return folder;
  };
  const fileAt = (at: string): File => {
    const entry = find(at);
    if (entry === undefined || isFolder(entry)) throw errorOf(entry === undefined ? 'ENOENT' : 'EISDIR', at);
    return entry;
  };
  const disk = {
    chmod: async () => {},
    link: async (from: string, to: string) => {
      folderOf(to).entries.set(path.basename(to), fileAt(from));
    },
    lstat: async (at: string) => {
      const entry = find(at);
      if (entry === undefined) throw errorOf('ENOENT', at);
      return statsOf(entry);
    },
    mkdir: async (at: string) => {
      let folder = root;
      let reached = '';
      let first: string | undefined;
      for (const part of partsOf(at)) {
        reached += `/${part}`;
        if (!folder.entries.has(part)) first ??= reached;
        const next = folder.entries.get(part) ?? newFolder();
        if (!isFolder(next)) throw errorOf('EEXIST', at);
        folder.entries.set(part, next);
        folder = next;
      }
      return first;
    },
    open: async (at: string, flags: string | number) => {
      if (flags === 'wx')
        folderOf(at).entries.set(path.basename(at), { content: Buffer.alloc(0), synced: Buffer.alloc(0) });
      const entry = find(at);
      if (entry === undefined) throw errorOf('ENOENT', at);
      return isFolder(entry) ? folderHandle(entry) : fileHandle(entry);
    },
    readdir: async (at: string) => {
      const entry = find(at);
      if (!isFolder(entry)) throw errorOf('ENOENT', at);
      return [...entry.entries.keys()];
    },
    rename: async (from: string, to: string) => {
      const entry = fileAt(from);
      folderOf(from).entries.delete(path.basename(from));
      folderOf(to).entries.set(path.basename(to), entry);
    },
    rm: async (at: string) => {
      folderOf(at).entries.delete(path.basename(at));
    },
    utimes: async () => {},
  };
  // It has the calls the driver makes, in the forms it makes them.
  return disk as unknown as Disk;
}

function fileHandle(file: File): object {
  return {
    writeFile: async (content: Uint8Array | string) => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      file.content = Buffer.concat([file.content, bytes]);
    },
    datasync: async () => {
      file.synced = file.content;
    },
    stat: async () => statsOf(file),
    createReadStream: () => Readable.from([file.content], { objectMode: false }),
    close: async () => {},
  };
}

function folderHandle(folder: Folder): object {
  return {
    sync: async () => {
      folder.synced = new Map(folder.entries);
    },
    close: async () => {},
  };
}

function statsOf(entry: Entry): object {
  return {
    isFile: () => !isFolder(entry),
    isDirectory: () => isFolder(entry),
    isSymbolicLink: () => false,
    size: isFolder(entry) ? 0 : entry.content.length,
    nlink: 1,
    uid: process.getuid?.() ?? 0,
    mtimeMs: 0,
    mtime: new Date(0),
  };
}

function errorOf(code: string, at: string): Error {
  return Object.assign(new Error(`${code}: ${at}`), { code });
}
