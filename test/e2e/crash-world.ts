import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/** Every id that stands in the files of a folder, as often as it stands there. */
export async function idsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const texts = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(({ name }) => readFile(path.join(folder, name), 'utf8')),
  );
  return texts.flatMap((text) => text.match(/\bQA-\d+\b/g) ?? []);
}

/** How often each thing is there. */
export function counted(things: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return counts;
}

/** Names below a folder that no finished work leaves: hidden ones, and those of files being made. */
export async function leftoversIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => path.basename(name).startsWith('.') || name.endsWith('.weir-tmp'));
}

/** Processes that were started for the project: by what they were called with, where they are, or a mark in their environment. */
export async function processesOf(mark: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const command = await read('cmdline');
      const isOurs = [command, folder, await read('environ')].some((text) => text.includes(mark));
      return isOurs && command !== '' ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
    }),
  );
  return found.flat();
}

/** The process id of the server behind a connection: the parent of the backend that serves it. */
export async function serverPid(backendPid: number): Promise<number> {
  const status = await readFile(`/proc/${backendPid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}
