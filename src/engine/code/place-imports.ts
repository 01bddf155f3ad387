import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, ImportKind, Plugin, PluginBuild } from 'esbuild';
import { once } from './once.ts';
import { type PackageName, packageOf } from './packages.ts';
import { foldersUp, isInside, toAddress, toPosix, toRequired } from './paths.ts';

/** Files that are imported as text, and so are part of the code. */
export const TEXT_LOADERS = {
  '.sql': 'text',
  '.yaml': 'text',
  '.yml': 'text',
  '.txt': 'text',
  '.csv': 'text',
  '.md': 'text',
} as const;

/** How names in imports are resolved in every bundle: by `main` alone and without extra conditions, as Node does. */
export const RESOLUTION: Pick<BuildOptions, 'platform' | 'conditions' | 'mainFields'> = {
  ...{ platform: 'node', conditions: [], mainFields: ['main'] },
};

/** Bundled CommonJS requires what stays outside, but an ECMAScript module has no `require`. */
export const REQUIRE =
  "import { createRequire as createWeirRequire } from 'node:module'; const require = createWeirRequire(import.meta.url);";

export interface PlacingOptions {
  /** Folder of the project; a real path. */
  readonly root: string;
  /** Folder of the bundle; a real path. */
  readonly folder: string;
  /** What `import … from 'weir'` means in a bundle. */
  readonly weirUrl?: string | undefined;
}

/** An import as written in a file. */
export interface ImportName {
  readonly name: string;
  readonly kind: ImportKind;
  /** The folder of the file. */
  readonly from: string;
}

/** Where the code of an import goes: into the bundle, or nowhere because the bundle itself imports it. */
export type Place = { readonly kind: 'bundled' } | OutsidePlace;
export interface OutsidePlace {
  readonly kind: 'outside';
  /** What the bundle imports. */
  readonly written: string;
  /** The same without what differs between machines. */
  readonly identity: string;
  /** The package that it belongs to; none for Node's own modules and for Weir. */
  readonly package?: PackageName;
}

/** An import that stays outside, and the file that contains it. */
export interface OutsideImport extends ImportName {
  readonly importer: string;
  readonly place: OutsidePlace;
}

/** What is remembered of an import that stays outside. */
export const foundOutside = ({ written }: OutsidePlace): string => `outside: ${written}`;

export type PlaceImport = (asked: ImportName, found: string | undefined) => Promise<Place>;

/**
 * Decides whether an import is bundled, given the file that esbuild found for it. Installed packages stay outside, and
 * so does what is not found. All else is bundled: files of the project, however they are named; workspace and linked
 * packages, whose version does not identify their content; and what Node cannot load.
 */
export function createPlacing({ root, folder, weirUrl = 'weir' }: PlacingOptions): PlaceImport {
  const packages = createPackageFinder();
  return async ({ name, kind, from }, found) => {
    if (name === 'weir') return { kind: 'outside', written: weirUrl, identity: 'weir' };
    const named = packageOf(name);
    if (found === undefined)
      return { kind: 'outside', written: name, identity: name, ...(named && { package: { name: named, from } }) };
    const entry = await packages.find(name, from);
    const isOfEntry = entry !== undefined && isInside(found, entry.real);
    const isInstalled =
      // A folder of packages may itself be a symbolic link.
      (isOfEntry && !entry.isLink) || `/${toPosix(path.relative(root, found))}`.includes('/node_modules/');
    if (!isInstalled || !isForNode(found)) return { kind: 'bundled' };
    const owner = isOfEntry && named !== undefined ? { name: named, from: entry.from } : ownerOf(found);
    const outside = { kind: 'outside' as const, ...(owner && { package: owner }) };
    const reachable = await packages.find(name, folder);
    if (reachable !== undefined && isInside(found, reachable.real))
      return { ...outside, written: name, identity: name };
    // A nested or aliased package is not what the bundle itself would find under that name.
    const written = addressOf(path.relative(folder, found), { found, kind });
    return { ...outside, written, identity: toPosix(path.relative(root, found)) };
  };
}

/** Sources in TypeScript, texts and JSON without attribute are always bundled: Node loads none of them. */
const isForNode = (file: string): boolean =>
  !/\.([cm]?tsx?|jsx|json)$/.test(file) && !(path.extname(file) in TEXT_LOADERS);

/** Name and folder of the package that a file belongs to. */
function ownerOf(file: string): PackageName | undefined {
  const parts = file.split(path.sep);
  const at = parts.lastIndexOf('node_modules');
  const name = packageOf(parts.slice(at + 1).join('/'));
  return at === -1 || name === undefined ? undefined : { name, from: parts.slice(0, at).join(path.sep) || path.sep };
}

function addressOf(relative: string, { found, kind }: { readonly found: string; readonly kind: ImportKind }): string {
  const isRequired = kind === 'require-call' || kind === 'require-resolve';
  // On another drive.
  if (path.isAbsolute(relative)) return isRequired ? found : pathToFileURL(found).href;
  return isRequired ? toRequired(relative) : toAddress(relative);
}

interface FoundPackage {
  /** The folder that has the `node_modules` with it. */
  readonly from: string;
  /** Its folder, with links resolved. */
  readonly real: string;
  /** Whether its entry in `node_modules` is a link. */
  readonly isLink: boolean;
}

/** Finds the folder of a package as Node does: in the nearest `node_modules` that has it. */
function createPackageFinder() {
  const look = once(async (key: string): Promise<FoundPackage | undefined> => {
    // Made below.
    const [name, from] = JSON.parse(key) as readonly [string, string];
    for (const folder of foldersUp(from)) {
      const modules = path.join(folder, 'node_modules');
      const [real, home] = await Promise.all([maybeRealpath(path.join(modules, name)), maybeRealpath(modules)]);
      if (real !== undefined && home !== undefined)
        return { from: folder, real, isLink: real !== path.join(home, name) };
    }
    return undefined;
  });
  return {
    find: async (imported: string, from: string): Promise<FoundPackage | undefined> => {
      const name = packageOf(imported);
      return name === undefined || name.startsWith('#') ? undefined : look(JSON.stringify([name, from]));
    },
  };
}

const maybeRealpath = (file: string): Promise<string | undefined> => realpath(file).catch(() => undefined);

const NOT_RELATIVE = /^[^./]/;
/** Whether an import names a file, which is always one of the project. */
export const isRelative = (name: string): boolean => !NOT_RELATIVE.test(name);

/** Marks our own resolve call, so that it is not handled by this plugin again. */
const OURS = { isOurs: true };

/**
 * Places every import of a build except relative ones, which belong to the project, and reports those that stay
 * outside.
 */
export function placeImports(place: PlaceImport, onOutside: (found: OutsideImport) => void = () => undefined): Plugin {
  return {
    name: 'weir-places',
    setup: (builder) => {
      const find = createFinder(builder);
      builder.onResolve(
        { filter: NOT_RELATIVE },
        async ({ path: name, kind, resolveDir: from, importer, pluginData }) => {
          if (pluginData === OURS || kind === 'entry-point' || from === '') return undefined;
          const asked = { name, kind, from };
          const placed = await place(asked, name === 'weir' ? undefined : await find(asked));
          if (placed.kind === 'bundled') return undefined;
          onOutside({ ...asked, importer, place: placed });
          return { path: placed.written, external: true, sideEffects: false };
        },
      );
    },
  };
}

/** What esbuild itself resolves a name to. It reads all folders again for each call, so each name is resolved once. */
function createFinder(builder: PluginBuild) {
  const ask = once(async (key: string): Promise<string | undefined> => {
    // Made below.
    const { name, kind, from } = JSON.parse(key) as ImportName;
    const found = await builder.resolve(name, { kind, resolveDir: from, pluginData: OURS });
    return found.external || found.namespace !== 'file' || found.path === '' ? undefined : found.path;
  });
  return (asked: ImportName): Promise<string | undefined> => ask(JSON.stringify(asked));
}
