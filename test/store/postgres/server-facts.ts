import { chown, lstat, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { connect } from '#store';

/** The first row that a statement gives. */
export async function one(
  url: string,
  sql: string,
  names: 'weir' | 'role' = 'weir',
): Promise<Readonly<Record<string, unknown>>> {
  const database = connect({ url, names, poolSize: 1 });
  const [row] = await database.query(sql).finally(() => database.close());
  return row ?? {};
}

/** Whether the process is there, and has not ended without being waited for. */
export async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !status.includes(') Z');
}

/** All in a folder, itself included, by user and group. */
export async function ownersIn(folder: string): Promise<ReadonlySet<string>> {
  const names = ['', ...(await readdir(folder, { recursive: true }))];
  const all = await Promise.all(names.map((name) => lstat(path.join(folder, name))));
  return new Set(all.map(({ uid, gid }) => `${uid}:${gid}`));
}

/** User, group and further groups of a process, as Linux lists them. */
export const identityOf = async (pid: number): Promise<readonly string[]> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return [/^Uid:\t(.*)$/m, /^Gid:\t(.*)$/m, /^Groups:\t(.*)$/m].map((line) => line.exec(status)?.[1]?.trim() ?? '');
};

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

export async function chownLike(file: string, model: string): Promise<void> {
  const { uid, gid } = await stat(model);
  await chown(file, uid, gid);
}
