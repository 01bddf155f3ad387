import { type SpawnOptions, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '../../error-code.ts';
import { StoreError } from '../../errors.ts';
import { renameDurably, writeFileAtomically } from '../../files/atomic-write.ts';
import { giveTo } from './give-to.ts';
import type { Account, Place } from './place.ts';

/** A data folder that is ready to be started, and the password of its only role, `weir`. */
export interface Cluster {
  readonly dataFolder: string;
  readonly password: string;
}

export const ROLE = 'weir';
const DRAFT = 'data-new-';
/** What the server's programs see of our environment: nothing, so that no PG variable of a user changes what they do. */
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
  // Before the data that needs it, and on disk: a database whose password a power loss took is lost.
  await writeFileAtomically(passwordFile, password, { mode: 0o600 });
  await createCluster(place, { binaries, dataFolder, password });
  return { dataFolder, password };
}

// Each try has a folder of its own: the initdb of an owner that was killed may still be writing into an earlier one.
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

/** nobody, which is on every system: initdb asks what its user is called, and that of the server has no name. */
const NAMED_ID = 65_534;

// With the group of the server, so that other processes of nobody are still strangers to it.
function makerFor(account: Account): Account {
  return account.uid === undefined ? {} : { uid: NAMED_ID, gid: account.gid };
}

/**
 * What PostgreSQL is told its data folder is. Another account cannot pass the folders above, but a process that is started
 * in a folder may stay there: this name leads to it, before and after PostgreSQL itself changes into its data.
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
    // The built-in provider sorts the same on every system, whatever locales it has.
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

/** Whether one of PostgreSQL's programs ended for want of room; a block that was written in part has other words. */
export function saysDiskFull(output: string): boolean {
  return /No space left on device|Check free disk space/.test(output);
}

export function toProgramError(program: string, cause: Error): StoreError {
  return new StoreError(
    'postgres_unusable',
    `Expected to run ${program}, but: ${cause.message}. On a system its binaries are not made for (musl, say), set DATABASE_URL to a PostgreSQL of your own.`,
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
    `The data in ${dataFolder} was made by PostgreSQL ${version}, and this is PostgreSQL ${major}; dump it with the version of Weir that made it and restore it here.`,
  );
}

async function readPassword(file: string): Promise<string> {
  const password = await maybeRead(file);
  if (password !== undefined && password !== '') return password;
  throw new StoreError(
    'postgres_data_unfit',
    `Expected the password of the existing database in ${file}, but it is not there; restore that file from where the state folder came from.`,
  );
}

async function maybeRead(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
}
