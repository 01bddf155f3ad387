import { type SpawnOptions, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '../../error-code.ts';
import { StoreError } from '../../errors.ts';
import { renameDurably, writeFileAtomically } from '../../files/atomic-write.ts';
import { giveTo } from './give-to.ts';
import type { Account, Place } from './place.ts';

/** A data folder that is ready to start, and the password of its only role, `weir`. */
export interface Cluster {
  readonly dataFolder: string;
  readonly password: string;
}

export const ROLE = 'weir';
const DRAFT = 'data-new-';
/** The server's programs get an empty environment, so that no PG variable of a user affects them. */
export const ENVIRONMENT = { LC_ALL: 'C', LANG: 'C', TZ: 'UTC' };

/** Opens the data folder of the place, or creates it: in a temporary folder that is renamed when it is complete. */
export async function prepareCluster(place: Place, binaries: string): Promise<Cluster> {
  const dataFolder = path.join(place.folder, 'data');
  const version = await maybeRead(path.join(dataFolder, 'PG_VERSION'));
  const passwordFile = path.join(place.folder, 'password');
  if (version !== undefined) {
    await assertSameVersion(binaries, { version: version.trim(), dataFolder });
    return { dataFolder, password: await readPassword(passwordFile) };
  }
  const password = randomBytes(24).toString('base64url');
  // Written and synced before the data: a database whose password is lost in a power failure is lost too.
  await writeFileAtomically(passwordFile, password, { mode: 0o600 });
  await createCluster(place, { binaries, dataFolder, password });
  return { dataFolder, password };
}

// Each try has its own folder, because the initdb of a killed owner may still write into an earlier one.
async function createCluster(
  { folder, account }: Place,
  { binaries, dataFolder, password }: Cluster & { readonly binaries: string },
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(DRAFT)) await removeFolder(path.join(folder, name));
  }
  const draft = path.join(folder, `${DRAFT}${randomBytes(6).toString('hex')}`);
  const [data, passwordFile] = [path.join(draft, 'data'), path.join(draft, 'password')];
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    await writeFileAtomically(passwordFile, `${password}\n`, { mode: 0o600 });
    const maker = makerFor(account);
    for (const each of [data, passwordFile]) await giveTo(maker, each);
    await runInitdb(maker, { binaries, data, passwordFile });
    await giveTo(account, data);
    await renameDurably(data, dataFolder);
  } finally {
    await removeFolder(draft);
  }
}

/**
 * The user nobody, which exists on every system: initdb needs the name of its user, and the server's account has none.
 */
const NAMED_ID = 65_534;

// With the group of the server, so that other processes of nobody have no access to it.
function makerFor(account: Account): Account {
  return account.uid === undefined ? {} : { uid: NAMED_ID, gid: account.gid };
}

/**
 * The data folder's path as given to PostgreSQL. Another account cannot pass the parent folders, but a process that is
 * started in a folder may stay there: this path leads to it, before and after PostgreSQL changes into its data folder.
 */
export function nameForAccount(account: Account, dataFolder: string): string {
  return account.uid === undefined ? dataFolder : '/proc/self/cwd';
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

interface Making {
  readonly binaries: string;
  readonly data: string;
  readonly passwordFile: string;
}

async function runInitdb(account: Account, { binaries, data, passwordFile }: Making): Promise<void> {
  // By its descriptor, for the same reason.
  const opened = account.uid === undefined ? undefined : await open(passwordFile, 'r');
  const words = [
    ...['-D', nameForAccount(account, data), '-U', ROLE, '-A', 'scram-sha-256', '--data-checksums'],
    ...['--pwfile', opened === undefined ? passwordFile : '/proc/self/fd/3'],
    // The built-in provider sorts the same on every system, independent of its locales.
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
  ];
  const program = path.join(binaries, 'bin', 'initdb');
  const { code, output } = await runProgram(program, words, {
    ...account,
    cwd: data,
    stdio: ['ignore', 'pipe', 'pipe', opened?.fd],
  }).finally(() => opened?.close());
  if (code === 0) return;
  const reason = saysDiskFull(output) ? 'The disk is full: PostgreSQL needs about 150 MB. ' : '';
  throw new StoreError(
    'postgres_unusable',
    `${reason}Expected initdb to create the database in ${path.dirname(path.dirname(data))}, but it ended with ${code}: ${output.trim()}`,
  );
}

async function runProgram(
  program: string,
  words: readonly string[],
  options: SpawnOptions,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...options, env: ENVIRONMENT });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', (cause) => reject(toProgramError(program, cause)));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Whether one of PostgreSQL's programs ended because the disk is full; a partly written block has another message. */
export function saysDiskFull(output: string): boolean {
  return /No space left on device|Check free disk space/.test(output);
}

export function toProgramError(program: string, cause: Error): StoreError {
  return new StoreError(
    'postgres_unusable',
    `Expected to run ${program}, but: ${cause.message}. On a system that its binaries do not support (for example with musl), set DATABASE_URL to a PostgreSQL of your own.`,
    { cause },
  );
}

async function assertSameVersion(
  binaries: string,
  { version, dataFolder }: { readonly version: string; readonly dataFolder: string },
): Promise<void> {
  const major = /binaries-(\d+)/.exec(path.basename(binaries))?.[1];
  if (major === version) return;
  throw new StoreError(
    'postgres_data_unfit',
    `The data in ${dataFolder} was created by PostgreSQL ${version}, and this is PostgreSQL ${major}; dump it with the version of Weir that created it and restore it here.`,
  );
}

async function readPassword(file: string): Promise<string> {
  const password = await maybeRead(file);
  if (password !== undefined && password !== '') return password;
  throw new StoreError(
    'postgres_data_unfit',
    `Expected the password of the existing database in ${file}, but it is missing; restore that file from the original state folder.`,
  );
}

async function maybeRead(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
}
