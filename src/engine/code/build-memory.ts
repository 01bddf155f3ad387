import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../key.ts';
import type { BuiltTask } from './built-task.ts';

/** What a task was built from, and what came of it. */
export interface KnownBuild {
  readonly task: BuiltTask;
  /** Packages that its bundle imports, before what they depend on. */
  readonly reached: readonly string[];
  /** Every file it could reach, relative to the root, with the digest of what was bundled. */
  readonly inputs: { readonly [file: string]: string };
  /** Folders of those files, with a digest of the names in them: a new name may be what an import means from now on. */
  readonly folders: { readonly [folder: string]: string };
}

/** Builds of the last time, kept beside the bundles, so that a start builds nothing that did not change. */
export interface BuildMemory {
  /** By source, without those that somebody else made: another version of Weir, or one that lies elsewhere. */
  recall(): Promise<ReadonlyMap<string, KnownBuild>>;
  keep(builds: ReadonlyMap<string, KnownBuild>): Promise<void>;
}

interface Stored {
  readonly maker: string;
  readonly builds: readonly (readonly [string, KnownBuild])[];
}

const MEMORY = 'built.json';
/** Whatever decides what a bundle looks like: these files, and the versions in Weir's own package.json. */
const MAKERS = ['build-code', 'bundle', 'first-names', 'locked-packages', 'normal-form', 'rewrite'];

export function createBuildMemory(options: { readonly folder: string; readonly weirUrl?: string }): BuildMemory {
  const { folder, weirUrl = '' } = options;
  const file = path.join(folder, MEMORY);
  let maker: Promise<string> | undefined;
  const readMaker = (): Promise<string> => {
    maker ??= describeMaker(weirUrl);
    return maker;
  };
  return {
    recall: async () => {
      const text = await readFile(file, 'utf8').catch(() => '{}');
      const stored = parse(text);
      return new Map(stored?.maker === (await readMaker()) ? stored.builds : []);
    },
    keep: async (builds) => {
      const stored: Stored = { maker: await readMaker(), builds: [...builds] };
      const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
      await mkdir(folder, { recursive: true });
      await writeFile(temporary, JSON.stringify(stored));
      await rename(temporary, file);
    },
  };
}

// What is no memory is none: everything is built again.
function parse(text: string): Stored | undefined {
  try {
    // Written below, by this file.
    return JSON.parse(text) as Stored;
  } catch {
    return undefined;
  }
}

async function describeMaker(weirUrl: string): Promise<string> {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const own = MAKERS.map((name) => new URL(`./${name}${ending}`, import.meta.url));
  const texts = await Promise.all(
    [...own, new URL('../../../package.json', import.meta.url)].map((url) => readFile(url, 'utf8')),
  );
  return digestOf(JSON.stringify([weirUrl, ...texts.map(digestOf)]));
}

/** Looks at the files of a project, each once, whoever asks. */
export interface Survey {
  /** A digest of the names in a folder that imports could mean. */
  listing(folder: string): Promise<string>;
  /** Whether everything a task was built from is as it was, and its bundle is there. */
  isSame(build: KnownBuild): Promise<boolean>;
}

export function createSurvey(root: string): Survey {
  const digests = new Map<string, Promise<string | undefined>>();
  const listings = new Map<string, Promise<string>>();
  const digest = (file: string): Promise<string | undefined> => {
    const known = digests.get(file) ?? digestOfInput(path.join(root, file));
    digests.set(file, known);
    return known;
  };
  const listing = (folder: string): Promise<string> => {
    const known = listings.get(folder) ?? digestOfNames(path.join(root, folder));
    listings.set(folder, known);
    return known;
  };
  return {
    listing,
    isSame: async ({ task, inputs, folders }) => {
      const checks = [
        ...Object.entries(inputs).map(async ([file, known]) => (await digest(file)) === known),
        ...Object.entries(folders).map(async ([folder, known]) => (await listing(folder)) === known),
        access(task.path).then(
          () => true,
          () => false,
        ),
      ];
      return (await Promise.all(checks)).every(Boolean);
    },
  };
}

const digestOfInput = (file: string): Promise<string | undefined> => readFile(file).then(digestOf, () => undefined);

/** What an import without an ending could mean. */
const IMPORTABLE = /\.([cm]?[jt]sx?|json)$/;

async function digestOfNames(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() || IMPORTABLE.test(entry.name)).map(({ name }) => name);
  return digestOf(JSON.stringify(names.filter((name) => !name.startsWith('.')).sort()));
}
