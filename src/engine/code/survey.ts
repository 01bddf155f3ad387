import { access, readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../define/key.ts';
import type { CodeOptions } from './built-task.ts';
import type { BundledFile, FoundImport } from './bundled-files.ts';
import { type FindImport, findImports } from './find-imports.ts';
import { once } from './once.ts';
import { createPackages, type Packages } from './packages.ts';
import { toPosix } from './paths.ts';
import { createSettingsSurvey } from './settings-files.ts';

/** Everything that shapes the bundle of a file. */
export interface FileRecord {
  readonly digest: string;
  /** Of the settings that apply to its folder. */
  readonly settings: string;
  readonly imports: readonly FoundImport[];
  /** Folders that its imports with a pattern search, with digests of the names in them. */
  readonly searched: { readonly [folder: string]: string };
}

/** Reads a project as it is now, each file and folder once. */
export interface Survey extends Pick<Packages, 'closure'> {
  /** Bytes of a file, by its real path. */
  read(file: string): Promise<Uint8Array>;
  /** By path relative to the root. */
  describe(files: ReadonlyMap<string, BundledFile>): Promise<ReadonlyMap<string, FileRecord>>;
  /** Files that are unchanged, including what their imports resolve to. */
  unchanged(files: ReadonlyMap<string, FileRecord>): Promise<ReadonlySet<string>>;
  /** The real file of a path of the project, relative to the root. */
  realFile(file: string): Promise<string | undefined>;
  isThere(file: string): Promise<boolean>;
}

export function createSurvey(options: CodeOptions): Survey {
  const { root } = options;
  const settings = createSettingsSurvey(root);
  const absolute = (file: string): string => path.join(root, file);
  const settingsOf = (file: string): Promise<string> => settings(path.dirname(file));
  // Settings are read together with the file, because its bundle is made with them.
  const read = once(async (file: string) => (await Promise.all([readFile(file), settingsOf(file)]))[0]);
  const listing = once((folder: string) => digestOfNames(absolute(folder)));
  const digest = async (file: string): Promise<string> => digestOf(await read(absolute(file)));
  const isLike = async (file: string, known: FileRecord): Promise<boolean> => {
    if ((await digest(file).catch(() => undefined)) !== known.digest) return false;
    if ((await settingsOf(absolute(file))) !== known.settings) return false;
    const searched = Object.entries(known.searched);
    return (await filterAsync(searched, async ([folder, names]) => (await listing(folder)) !== names)).length === 0;
  };
  const describe = async (file: string, { imports, left, searched }: BundledFile, find: FindImport) => ({
    digest: await digest(file),
    settings: await settingsOf(absolute(file)),
    imports: [...imports, ...left.map((each) => ({ ...each, found: find(file, each) }))],
    searched: Object.fromEntries(await Promise.all(searched.map(async (each) => [each, await listing(each)] as const))),
  });
  return {
    read,
    closure: createPackages(options).closure,
    describe: async (files) => {
      const find = await findImports(options, new Map([...files].map(([file, { left }]) => [file, left])));
      const records = [...files].map(async ([file, each]) => [file, await describe(file, each, find)] as const);
      return new Map(await Promise.all(records));
    },
    unchanged: async (files) => {
      const same = await filterAsync([...files], ([file, record]) => isLike(file, record));
      const find = await findImports(options, new Map(same.map(([file, { imports }]) => [file, imports])));
      const isStill = ([file, { imports }]: (typeof same)[number]): boolean =>
        imports.every((each) => find(file, each) === each.found);
      return new Set(same.filter(isStill).map(([file]) => file));
    },
    realFile: async (file) => {
      const real = await realpath(absolute(file)).catch(() => undefined);
      return real === undefined ? undefined : toPosix(path.relative(root, real));
    },
    isThere: (file) =>
      access(file).then(
        () => true,
        () => false,
      ),
  };
}

async function filterAsync<T>(items: readonly T[], isWanted: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const wanted = await Promise.all(items.map(isWanted));
  return items.filter((_, index) => wanted[index]);
}

/** Digest of the names in a folder and its subfolders, except packages and hidden ones. */
async function digestOfNames(folder: string): Promise<string> {
  const names: string[] = [];
  const look = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      names.push(path.join(at, entry.name));
      if (entry.isDirectory()) await look(path.join(at, entry.name));
    }
  };
  await look(folder);
  return digestOf(JSON.stringify(names.map((name) => toPosix(path.relative(folder, name))).sort()));
}
