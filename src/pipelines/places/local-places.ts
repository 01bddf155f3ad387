import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileIdentity, maybeLstat } from '#store';
import { dataFiles, readStable, removeStaged } from '../data-files.ts';
import type { DataPlaces, SeenFile } from './data-places.ts';
import { receiveFile } from './receive-file.ts';
import { removeRawFile } from './remove-raw-file.ts';

/** Data folders of this machine. */
export const localPlaces: DataPlaces = {
  names: dataFiles,
  look: async (folder) => {
    const seen = await Promise.all((await dataFiles(folder)).map((name) => lookAt(path.join(folder, name))));
    return seen.filter((file) => file !== undefined);
  },
  lookAt,
  read: readStable,
  open: async (file) => createReadStream(file),
  receive: receiveFile,
  place: ({ from, to }, file) => file(from, to),
  makeRoom: async (places, wanted) => {
    for (const place of places) {
      await mkdir(path.dirname(place), { recursive: true });
      if (!wanted.has(place)) await rm(place, { force: true });
    }
    await removeStaged(places);
  },
  remove: removeRawFile,
};

async function lookAt(file: string): Promise<SeenFile | undefined> {
  const found = await maybeLstat(file).catch(() => undefined);
  const name = path.basename(file);
  if (found?.isFile() !== true || name.startsWith('.')) return undefined;
  return {
    ...{ name, identity: fileIdentity(found), sizeBytes: Number(found.size) },
    ...{ changedAtMs: Number(found.ctimeMs), modifiedAtMs: Number(found.mtimeMs) },
  };
}
