// A stamp is the digest of everything a step depends on, written after the step. Times of files decide nothing:
// a checkout of another branch sets them all.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installMatchesLock } from './installed.mjs';

const BUILD_INPUTS = [
  'src',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
  'scripts/straight-imports.mjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Name of the stamp in `node_modules` and in `dist`: each goes when the folder it speaks of goes. */
export const STAMP = '.weir-stamp';

/** Digest of what an install depends on. */
export function installStamp(root, machine = process) {
  return JSON.stringify({
    lock: digestOf(root, ['package-lock.json']),
    machine: `${machine.platform} ${machine.arch} abi ${machine.versions.modules}`,
  });
}

/** Digest of what the build depends on. */
export function buildStamp(root) {
  return digestOf(
    root,
    BUILD_INPUTS.flatMap((input) => filesUnder(root, input)),
  );
}

/** Tells whether `dist` was built from the present sources. */
export function buildIsCurrent(root) {
  return isStamped(join(root, 'dist', STAMP), buildStamp(root));
}

/**
 * Tells whether `node_modules` is what the lock asks for. Where a person ran npm themselves there is no fresh stamp;
 * what npm noted about its own work is then compared with the lock, instead of installing twice.
 */
export function installIsCurrent(root, machine = process) {
  const file = join(root, 'node_modules', STAMP);
  const stamp = installStamp(root, machine);
  if (isStamped(file, stamp)) return true;
  if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).machine !== JSON.parse(stamp).machine) return false;
  return installMatchesLock(root, machine);
}

/** Notes that an install for the present lock has ended well. */
export function writeInstallStamp(root) {
  writeFileSync(join(root, 'node_modules', STAMP), installStamp(root));
}

function filesUnder(root, path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  const names = readdirSync(join(root, path)).sort();
  return names.flatMap((name) => filesUnder(root, `${path}/${name}`));
}

function digestOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const bytes = readFileSync(join(root, path));
    // The length stands between name and bytes, so that no two trees run together into the same text.
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function isStamped(file, stamp) {
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
}
