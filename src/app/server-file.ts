import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const serverFile = z.object({ url: z.string(), pid: z.int().positive(), databaseUrl: z.string() });

/** Where a running Weir can be reached, as it notes it in its state folder. */
export type ServerFile = z.infer<typeof serverFile>;

const fileOf = (stateFolder: string): string => path.join(stateFolder, 'server.json');

/** Notes where this Weir runs; only its user may read it, because the address of the database holds a password. */
export async function writeServerFile(stateFolder: string, content: ServerFile): Promise<void> {
  await writeFile(fileOf(stateFolder), JSON.stringify(content), { mode: 0o600 });
}

export async function removeServerFile(stateFolder: string): Promise<void> {
  await rm(fileOf(stateFolder), { force: true });
}

/** What the Weir over this state folder noted, when its process is still there. */
export async function maybeRunning(stateFolder: string): Promise<ServerFile | undefined> {
  const text = await readFile(fileOf(stateFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const noted = serverFile.parse(JSON.parse(text));
    return isThere(noted.pid) ? noted : undefined;
  } catch {
    // Cut short by a full disk or a power loss: it says nothing.
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
