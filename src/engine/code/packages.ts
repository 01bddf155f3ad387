import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { once } from './once.ts';
import { foldersUp, toPosix } from './paths.ts';

/** The part of a `package-lock.json` that says which version of a package is where. */
export interface PackageLock {
  /** Folder of the file; that of the project unless given. */
  readonly folder?: string;
  readonly packages: { readonly [path: string]: LockedPackage };
}

interface PackageManifest {
  readonly version?: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
}

interface LockedPackage extends PackageManifest {
  /** Where it came from, and the digest of the content. */
  readonly resolved?: string;
  readonly integrity?: string;
  /** A folder of this machine, as packages of a workspace are. */
  readonly link?: boolean;
}

/** A package by name, and the folder from which Node resolves it: in `node_modules` there and above. */
export interface PackageName {
  readonly name: string;
  readonly from: string;
}

/** The package of an import: `@scope/name/part` is of `@scope/name`; nothing for what Node brings. */
export function packageOf(source: string): string | undefined {
  if (isBuiltin(source) || source.includes(':')) return undefined;
  const [first = '', second] = source.split('/');
  return first.startsWith('@') ? `${first}/${second ?? ''}` : first;
}

/** Versions of packages and of all that they depend on. */
export interface Packages {
  /** Each with its path and version, sorted. */
  closure(names: readonly PackageName[]): Promise<readonly string[]>;
}

interface Located {
  readonly path: string;
  readonly version: string;
  readonly manifest: PackageManifest;
  /** Folder from which its own dependencies are resolved. */
  readonly folder: string;
}

/**
 * Looks up versions in the lock and in what is installed. Either of them alone may be missing: other package managers
 * have other locks, and optional packages are locked for machines that are not this one. Where they differ, both count.
 */
export function createPackages({ root, lock }: { readonly root: string; readonly lock?: PackageLock }): Packages {
  const lockFolder = lock?.folder ?? root;
  const locateAt = once(async (folder): Promise<Located | undefined> => {
    const locked = lock?.packages[toPosix(path.relative(lockFolder, folder))];
    const installed = await maybeManifest(folder);
    if (locked === undefined && installed === undefined) return undefined;
    const name = nameOf(path.relative(lockFolder, folder));
    return { path: name, version: versionOf(locked, installed), manifest: locked ?? installed ?? {}, folder };
  });
  const locate = async ({ name, from }: PackageName): Promise<Located> => {
    for (const folder of foldersUp(from)) {
      const found = await locateAt(path.join(folder, 'node_modules', name));
      if (found !== undefined) return found;
    }
    return { path: `node_modules/${name}`, version: 'unlocked', manifest: {}, folder: from };
  };
  return {
    closure: async (names) => {
      const found = new Map<string, string>();
      const queue = names.map(({ name, from }) => ({ name, from: path.resolve(root, from) }));
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const { path: at, version, manifest, folder } = await locate(next);
        if (found.has(at)) continue;
        found.set(at, `${at}@${version}`);
        for (const name of dependenciesOf(manifest)) queue.push({ name, from: folder });
      }
      return [...found.values()].sort();
    },
  };
}

const dependenciesOf = (manifest: PackageManifest): readonly string[] =>
  Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies });

/** As a lock names it; of a package further out, what does not depend on where the project lies. */
const nameOf = (relative: string): string => toPosix(relative).replace(/^\.\..*?(?=node_modules\/)/, '');

function versionOf(locked: LockedPackage | undefined, installed: PackageManifest | undefined): string {
  const version = locked?.version ?? installed?.version ?? 'unlocked';
  const differs = installed?.version !== undefined && installed.version !== version;
  return `${version}${originOf(locked)}${differs ? ` (installed: ${installed.version})` : ''}`;
}

/** A registry publishes a version once. What comes from elsewhere may change under the same version. */
function originOf({ version, resolved, integrity }: LockedPackage = {}): string {
  if (resolved === undefined || (/^https?:/.test(resolved) && resolved.endsWith(`-${version}.tgz`))) return '';
  return ` from ${integrity ?? resolved}`;
}

async function maybeManifest(folder: string): Promise<PackageManifest | undefined> {
  try {
    // An invalid manifest has no version; Node would refuse the package.
    return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as PackageManifest;
  } catch {
    return undefined;
  }
}
