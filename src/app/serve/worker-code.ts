import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { ownProcessTag, stateOfTag } from '#store';

/** Of a process that another container or machine has: it says every hour that it runs. */
const KEPT_MS = 7 * 86_400_000;
const SAID_EVERY_MS = 3_600_000;

/** Where one worker process lays out the code that it fetched. */
export interface WorkerCode {
  /** A new folder for the code of this digest; whoever asked for it removes it when nothing runs it any more. */
  folderFor(digest: string): Promise<string>;
  /** Removes all of it. */
  close(): Promise<void>;
}

/**
 * A folder in `root` for this process, by its tag, so that no worker removes what another of the same project runs. What
 * ended processes left is removed first.
 */
export async function openWorkerCode(root: string): Promise<WorkerCode> {
  const tag = await ownProcessTag();
  const own = path.join(root, tag);
  await mkdir(own, { recursive: true });
  await removeLeft(root, tag);
  const saying = setInterval(() => {
    const now = new Date();
    utimes(own, now, now).catch(() => undefined);
  }, SAID_EVERY_MS);
  saying.unref();
  return {
    folderFor: (digest) => mkdtemp(path.join(own, `${digest.slice(0, 20)}-`)),
    close: async () => {
      clearInterval(saying);
      await rm(own, { recursive: true, force: true });
    },
  };
}

async function removeLeft(root: string, ownTag: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name === ownTag) continue;
    const entry = path.join(root, name);
    if (await isLeft(name, entry)) await rm(entry, { recursive: true, force: true });
  }
}

async function isLeft(name: string, entry: string): Promise<boolean> {
  const state = await stateOfTag(name);
  if (state !== 'elsewhere') return state === 'ended';
  // Another worker may remove it at the same time.
  const facts = await stat(entry).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > KEPT_MS;
}
