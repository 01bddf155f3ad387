import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomically } from '#store';
import { digestOf } from '../define/key.ts';
import type { BuiltTask, CodeOptions } from './built-task.ts';
import { esbuildPackage } from './esbuild-package.ts';
import type { PackageName } from './packages.ts';
import type { FileRecord } from './survey.ts';

/** The build of a task, and what must be unchanged for it to stay valid. */
export interface KnownBuild {
  readonly task: BuiltTask;
  /** Path of the task's file, relative to the root like all paths here. */
  readonly entry: string;
  /** Every file that it could reach. */
  readonly reached: readonly string[];
  /** Packages that its bundle imports, before what they depend on. */
  readonly imported: readonly PackageName[];
}

export interface Memory {
  /** By source. */
  readonly builds: ReadonlyMap<string, KnownBuild>;
  readonly files: ReadonlyMap<string, FileRecord>;
}

/** The last builds, kept next to the bundles, so that a start rebuilds only what changed. */
export interface BuildMemory {
  /** Empty when they came from another version of Weir, or from one in another folder. */
  recall(): Promise<Memory>;
  keep(memory: Memory): Promise<void>;
}

interface Stored {
  readonly maker: string;
  readonly builds: readonly (readonly [string, KnownBuild])[];
  readonly files: readonly (readonly [string, FileRecord])[];
}

const MEMORY = 'built.json';
const NOTHING: Memory = { builds: new Map(), files: new Map() };

export function createBuildMemory(options: CodeOptions): BuildMemory {
  const { folder } = options;
  const file = path.join(folder, MEMORY);
  let maker: Promise<string> | undefined;
  const readMaker = (): Promise<string> => {
    maker ??= describeMaker(options);
    return maker;
  };
  return {
    recall: async () => {
      const text = await readFile(file, 'utf8').catch(() => '{}');
      const stored = parse(text);
      if (stored?.maker !== (await readMaker())) return NOTHING;
      return { builds: new Map(stored.builds), files: new Map(stored.files) };
    },
    keep: async ({ builds, files }) => {
      const stored: Stored = { maker: await readMaker(), builds: [...builds], files: [...files] };
      await writeFileAtomically(file, JSON.stringify(stored));
    },
  };
}

// An unreadable file counts as empty: everything is built again.
function parse(text: string): Stored | undefined {
  try {
    // Written below, by this file.
    return JSON.parse(text) as Stored;
  } catch {
    return undefined;
  }
}

/** What shapes a bundle besides the project: Weir's own code, its packages, and the folders of both. */
async function describeMaker({ root, folder, weirUrl = '' }: CodeOptions): Promise<string> {
  const { version } = esbuildPackage();
  const files = [...(await ownFiles()), fileURLToPath(new URL('../../../package.json', import.meta.url))];
  const digests = await Promise.all(files.map(async (file) => digestOf(await readFile(file))));
  return digestOf(JSON.stringify([weirUrl, path.relative(folder, root), version, digests]));
}

/** The sources of this folder; for a built Weir, which is in few files, its stamp: the digest of all its sources. */
async function ownFiles(): Promise<readonly string[]> {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('../../.weir-stamp', import.meta.url))];
  const own = fileURLToPath(new URL('.', import.meta.url));
  const names = (await readdir(own)).filter((name) => name.endsWith('.ts')).sort();
  return names.map((name) => path.join(own, name));
}
