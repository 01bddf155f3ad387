import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ownProcessTag, stateOfTag, writeFileAtomically } from '#store';
import { UsageError } from '../project/errors.ts';

const serverFile = z.object({
  url: z.string(),
  pid: z.int().positive(),
  /** Distinguishes the process from a later one with the same pid, and from one of another container. */
  process: z.string(),
  databaseUrl: z.string(),
  /** What commands send as an API key, where a login is required. */
  key: z.string().optional(),
  /** What it was loaded from, with digests; see `loaded-files.ts`. */
  files: z.record(z.string(), z.string().nullable()).default({}),
});

/** The address of a running Weir, as recorded in its state folder. */
export type ServerFile = z.infer<typeof serverFile>;

const fileOf = (stateFolder: string): string => path.join(stateFolder, 'server.json');

/**
 * Records the address of this Weir, the owner of the state folder; only its user may read it, because the URL of the
 * database holds a password, and the key opens the API.
 */
export async function writeServerFile(
  stateFolder: string,
  where: Pick<z.input<typeof serverFile>, 'url' | 'databaseUrl' | 'key' | 'files'>,
): Promise<void> {
  const content: z.input<typeof serverFile> = { ...where, pid: process.pid, process: await ownProcessTag() };
  await writeFileAtomically(fileOf(stateFolder), JSON.stringify(content), { mode: 0o600 });
}

export async function removeServerFile(stateFolder: string): Promise<void> {
  await rm(fileOf(stateFolder), { force: true });
}

/** The record of the Weir over this state folder, when its process still runs. */
export async function maybeRunning(stateFolder: string): Promise<ServerFile | undefined> {
  const text = await readFile(fileOf(stateFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const noted = maybeServerFile(text);
  return noted !== undefined && (await stateOfTag(noted.process)) === 'running' ? noted : undefined;
}

function maybeServerFile(text: string): ServerFile | undefined {
  try {
    return serverFile.parse(JSON.parse(text));
  } catch {
    // Of an earlier version, or truncated by a full disk: it is ignored.
    return undefined;
  }
}

/** Another Weir owns the state folder. */
export function alreadyRunning(
  stateFolder: string,
  { running, cause }: { readonly running: ServerFile; readonly cause?: unknown },
): UsageError {
  return new UsageError(
    'weir_running',
    `Weir already runs over ${stateFolder}: process ${running.pid}, at ${running.url}. Use that one, or stop it first (Ctrl-C there, or kill ${running.pid}).`,
    { cause },
  );
}
