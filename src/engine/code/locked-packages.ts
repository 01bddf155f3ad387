/** The part of a `package-lock.json` that says which version of a package is where. */
export interface PackageLock {
  readonly packages: { readonly [path: string]: LockedPackage };
}

interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
  /** A folder of this machine, as packages of a workspace are. */
  readonly link?: boolean;
}

/** The package of an import: `@scope/name/part` is of `@scope/name`; nothing for what Node brings. */
export function packageOf(source: string): string | undefined {
  if (source.startsWith('node:')) return undefined;
  const [first = '', second] = source.split('/');
  return first.startsWith('@') ? `${first}/${second ?? ''}` : first;
}

/** Whether a package is a folder that the lock only links to, so that no version says what is in it. */
export const isLinked = (lock: PackageLock | undefined, name: string | undefined): boolean =>
  name !== undefined && lock?.packages[`node_modules/${name}`]?.link === true;

/** Packages and all that they depend on, with locked versions, sorted. What the lock does not know has the version `unlocked`. */
export function lockedClosure(lock: PackageLock | undefined, names: Iterable<string>): readonly string[] {
  const found = new Map<string, string>();
  const queue = [...new Set(names)].map((name) => ({ name, from: '' }));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const at = locate(lock, next);
    const path = at ?? `node_modules/${next.name}`;
    if (found.has(path)) continue;
    const locked = at === undefined ? undefined : lock?.packages[at];
    found.set(path, `${path}@${locked?.version ?? 'unlocked'}`);
    const dependencies = { ...locked?.dependencies, ...locked?.optionalDependencies, ...locked?.peerDependencies };
    for (const name of Object.keys(dependencies)) queue.push({ name, from: path });
  }
  return [...found.values()].sort();
}

/** Node's resolution: the nearest `node_modules` on the way up. */
function locate(
  lock: PackageLock | undefined,
  wanted: { readonly name: string; readonly from: string },
): string | undefined {
  for (let folder = wanted.from; ; ) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${wanted.name}`;
    if (lock?.packages[path] !== undefined) return path;
    if (folder === '') return undefined;
    const up = folder.lastIndexOf('/node_modules/');
    folder = up === -1 ? '' : folder.slice(0, up);
  }
}
